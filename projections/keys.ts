import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export interface Key {
  keyId: string;
  /** SHA-256 of the key. */
  hash: string;
  role: 'admin';
  status: 'active' | 'rotated' | 'revoked';
  createdAt: string;
}

export const keys: Projection<Key> = {
  name: 'keys',
  version: 1,
  types: ['key.created', 'key.rotated', 'key.revoked'],
  key: (event) => event.stream.slice('key:'.length),
  evolve(draft, event) {
    if (event.type === 'key.created') {
      if (draft) throw illegal(event, draft.status);
      return { ...event.data, status: 'active', createdAt: event.time };
    }
    if (draft?.status !== 'active') throw illegal(event, draft?.status ?? 'absent');
    draft.status = event.type === 'key.rotated' ? 'rotated' : 'revoked';
    return undefined;
  },
};
