import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export type NetworkStatus = 'createRequested' | 'created' | 'lost' | 'removeRequested';

/** The private network of a deployment in one engine. */
export interface Network {
  /** `<engine>/<name>`. */
  id: string;
  name: string;
  engine: string;
  deployment: string;
  status: NetworkStatus;
  engineId: string | null;
  /** In CIDR notation. Kept after it was lost: what still runs may have an address there. */
  subnets: readonly string[];
  /** Whether the way to 169.254.0.0/16 is closed; null = not known yet. */
  metadata: 'closed' | 'open' | null;
  /** Time of the event that made the present status, ISO 8601. */
  since: string;
  lastEvent: string;
  trace: string;
}

const transitions: Partial<
  Record<PloinkyEvent['type'], { from: readonly NetworkStatus[]; to: NetworkStatus | 'removed' }>
> = {
  // Also when it was on its way out: it is wanted again.
  'network.createRequested': { from: ['lost', 'removeRequested'], to: 'createRequested' },
  // Again when somebody made it anew by hand, with other addresses.
  'network.created': { from: ['createRequested', 'created'], to: 'created' },
  'network.lost': { from: ['created'], to: 'lost' },
  'network.removeRequested': { from: ['createRequested', 'created', 'lost'], to: 'removeRequested' },
  'network.removed': { from: ['removeRequested'], to: 'removed' },
};

export const networks: Projection<Network> = {
  name: 'networks',
  version: 1,
  types: Object.keys(transitions) as PloinkyEvent['type'][],
  key: (event) => event.stream.slice('network:'.length),
  evolve(draft, event) {
    if (event.type === 'network.createRequested' && !draft) return request(event);
    const transition = transitions[event.type];
    if (!draft || !transition?.from.includes(draft.status)) throw illegal(event, draft?.status ?? 'absent');
    if (transition.to === 'removed') return null;
    draft.status = transition.to;
    draft.since = event.time;
    draft.lastEvent = event.id;
    draft.trace = event.trace;
    if (event.type === 'network.created') {
      draft.engineId = event.data.engineId;
      draft.subnets = event.data.subnets;
      draft.metadata = event.data.metadata;
    }
    return undefined;
  },
};

function request(event: Extract<PloinkyEvent, { type: 'network.createRequested' }>): Network {
  const { name, engine, deployment } = event.data;
  return {
    id: event.stream.slice('network:'.length),
    name,
    engine,
    deployment,
    status: 'createRequested',
    engineId: null,
    subnets: [],
    metadata: null,
    since: event.time,
    lastEvent: event.id,
    trace: event.trace,
  };
}
