import { counted, sized } from '../terminal/bar.ts';
import type { Phrases } from './phrases.ts';

export const prunePhrases: Phrases<'prune.requested' | 'prune.completed'> = {
  'prune.requested': ({ items, trigger }) => {
    const size = items.reduce((sum, item) => sum + item.bytes, 0);
    const when = trigger === 'daily' ? ', as every day' : '';
    return `${counted(items.length, 'thing')} that no release needs${sized(size)}, to be removed${when}`;
  },
  'prune.completed': ({ removed, bytes: size, left }) => {
    const stayed = left.length === 0 ? '' : `; ${left.length} stayed: ${left[0]?.reason ?? ''}`;
    return `${counted(removed, 'thing')} removed${sized(size)}${stayed}`;
  },
};
