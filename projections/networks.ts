import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { followTransitions } from './transitions.ts';

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

export const networks: Projection<Network> = {
  name: 'networks',
  version: 1,
  key: (event) => event.stream.slice('network:'.length),
  ...followTransitions<Network, 'network.createRequested'>({
    beginsWith: 'network.createRequested',
    begin: request,
    transitions: {
      // Also when it was on its way out: it is wanted again.
      'network.createRequested': { from: ['lost', 'removeRequested'], to: 'createRequested' },
      // Again when somebody made it anew by hand, with other addresses.
      'network.created': { from: ['createRequested', 'created'], to: 'created' },
      'network.lost': { from: ['created'], to: 'lost' },
      'network.removeRequested': { from: ['createRequested', 'created', 'lost'], to: 'removeRequested' },
      'network.removed': { from: ['removeRequested'], to: 'removed' },
    },
    note(draft, event) {
      draft.since = event.time;
      draft.lastEvent = event.id;
      draft.trace = event.trace;
      if (event.type !== 'network.created') return;
      draft.engineId = event.data.engineId;
      draft.subnets = event.data.subnets;
      draft.metadata = event.data.metadata;
    },
  }),
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
