import type { ProblemShape } from '../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export interface Repository {
  name: string;
  url: string;
  branch: string | null;
  enabled: boolean;
  check: string;
  /** `wanted` = a sync is due. */
  sync: 'wanted' | 'synced' | 'failed';
  /** Seq of the event that made the sync due, so that a caller can wait for its outcome. */
  wantedAt: number;
  everSynced: boolean;
  commit: string | null;
  syncedAt: string | null;
  agents: { name: string; about: string }[];
  problem: ProblemShape | null;
  /** Name of the secret with which its host proves that it tells of a push; null = it may not. */
  webhook: string | null;
  /** Ids of the last pushes that it told of, the newest last. */
  deliveries: string[];
  /** Id and trace of the event that made the sync due. */
  lastEvent: string;
  trace: string;
}

/** A host that hears nothing tells the same again within minutes, or when somebody asks it to. */
const deliveriesKept = 100;

export const repositories: Projection<Repository> = {
  name: 'repositories',
  version: 2,
  types: [
    'repository.added',
    'repository.updated',
    'repository.removed',
    'repository.syncRequested',
    'repository.synced',
    'repository.syncFailed',
    'repository.webhookChanged',
    'push.received',
  ],
  key: (event) => event.stream.slice('repository:'.length),
  evolve(draft, event) {
    if (event.type === 'repository.added') {
      if (draft) throw illegal(event, 'present');
      return {
        ...event.data,
        sync: 'wanted',
        wantedAt: event.seq,
        everSynced: false,
        commit: null,
        syncedAt: null,
        agents: [],
        problem: null,
        webhook: null,
        deliveries: [],
        lastEvent: event.id,
        trace: event.trace,
      };
    }
    if (!draft) throw illegal(event, 'absent');
    switch (event.type) {
      case 'repository.removed':
        return null;
      case 'repository.updated':
        Object.assign(draft, event.data);
        want(draft, event);
        return undefined;
      case 'repository.syncRequested':
        want(draft, event);
        return undefined;
      case 'repository.synced':
        draft.sync = 'synced';
        draft.everSynced = true;
        draft.commit = event.data.commit;
        draft.syncedAt = event.time;
        draft.agents = event.data.agents;
        draft.problem = null;
        return undefined;
      case 'repository.syncFailed':
        draft.sync = 'failed';
        draft.problem = event.data.problem;
        return undefined;
      case 'repository.webhookChanged':
        draft.webhook = event.data.secret;
        return undefined;
      case 'push.received':
        draft.deliveries = [...draft.deliveries, event.data.delivery].slice(-deliveriesKept);
        return undefined;
      default:
        return undefined;
    }
  },
};

function want(draft: Repository, event: PloinkyEvent): void {
  draft.sync = 'wanted';
  draft.wantedAt = event.seq;
  draft.lastEvent = event.id;
  draft.trace = event.trace;
}
