import type { GapData } from '../../core/log/gap.ts';
import { bytes, counted } from '../terminal/bar.ts';
import type { Phrases } from './phrases.ts';

export const logPhrases: Phrases<'log.sealed' | 'log.segmentDeleted'> = {
  'log.sealed': ({ from, to, count, file, bytes: size }) =>
    `${counted(count, 'task event')} of ${from} to ${to} sealed in ${file}, ${bytes(size)}`,
  'log.segmentDeleted': ({ from, to, count, reason }) =>
    `${counted(count, 'task event')} of ${from} to ${to} deleted: ${reason}`,
};

/** The line that stands for events that are gone. */
export function gapPhrase({ from, to, count, deletion }: GapData): string {
  return `${counted(count, 'task event')}, ${from} to ${to}, deleted at ${deletion.time} (event ${deletion.seq}): ${deletion.reason}`;
}
