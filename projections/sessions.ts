import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export interface Session {
  sessionId: string;
  /** SHA-256 of the token. */
  hash: string;
  keyId: string;
  userId: string;
  openedAt: string;
  /** ISO 8601. Past it the session proves nothing, whether or not `session.closed` came. */
  expiresAt: string;
}

/** Open sessions only. */
export const sessions: Projection<Session> = {
  name: 'sessions',
  version: 1,
  types: ['session.opened', 'session.closed'],
  key: (event) => event.stream.slice('session:'.length),
  evolve(draft, event) {
    if (event.type === 'session.opened') {
      if (draft) throw illegal(event, 'open');
      return { ...event.data, openedAt: event.time };
    }
    if (!draft) throw illegal(event, 'absent');
    return null;
  },
};
