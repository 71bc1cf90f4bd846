import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export interface Secret {
  name: string;
  /** Highest version there ever was; numbers are not used twice. */
  latest: number;
  /** Versions whose value can still be read. Empty when it was removed. */
  versions: number[];
  createdAt: string;
  updatedAt: string;
  /** Actor who set or removed it last. */
  updatedBy: string;
}

/** Names and versions; values are never here. */
export const secrets: Projection<Secret> = {
  name: 'secrets',
  version: 2,
  types: ['secret.set', 'secret.removed'],
  key: (event) => event.stream.slice('secret:'.length),
  evolve(draft, event) {
    if (event.type === 'secret.set') {
      const { name, version } = event.data;
      if (version !== (draft?.latest ?? 0) + 1) throw illegal(event, `version ${draft?.latest ?? 0}`);
      const { time, actor } = event;
      if (!draft) return { name, latest: 1, versions: [1], createdAt: time, updatedAt: time, updatedBy: actor };
      draft.latest = version;
      draft.versions.push(version);
    } else {
      if (!draft || draft.versions.length === 0) throw illegal(event, 'absent');
      draft.versions = [];
    }
    draft.updatedAt = event.time;
    draft.updatedBy = event.actor;
    return undefined;
  },
};
