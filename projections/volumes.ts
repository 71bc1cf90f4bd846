import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { followTransitions } from './transitions.ts';

export type VolumeStatus = 'createRequested' | 'created' | 'lost' | 'removeRequested';

/** A named volume of a deployment in one engine. It stays until somebody names it to be removed. */
export interface Volume {
  /** `<engine>/<name in the engine>`. */
  id: string;
  /** In the engine. */
  name: string;
  engine: string;
  deployment: string;
  /** As the manifest names it. */
  volume: string;
  status: VolumeStatus;
  /** When the engine first had it, ISO 8601; null = it never did. */
  createdAt: string | null;
  /** Time of the event that made the present status, ISO 8601. */
  since: string;
  lastEvent: string;
  trace: string;
}

export const volumes: Projection<Volume> = {
  name: 'volumes',
  version: 1,
  key: (event) => event.stream.slice('volume:'.length),
  ...followTransitions<Volume, 'volume.createRequested'>({
    beginsWith: 'volume.createRequested',
    begin: request,
    transitions: {
      'volume.createRequested': { from: ['lost'], to: 'createRequested' },
      'volume.created': { from: ['createRequested'], to: 'created' },
      'volume.lost': { from: ['created'], to: 'lost' },
      'volume.removeRequested': { from: ['createRequested', 'created', 'lost'], to: 'removeRequested' },
      'volume.removed': { from: ['removeRequested'], to: 'removed' },
    },
    note(draft, event) {
      draft.since = event.time;
      draft.lastEvent = event.id;
      draft.trace = event.trace;
      if (event.type === 'volume.created') draft.createdAt = event.time;
    },
  }),
};

function request(event: Extract<PloinkyEvent, { type: 'volume.createRequested' }>): Volume {
  const { name, engine, deployment, volume } = event.data;
  return {
    id: event.stream.slice('volume:'.length),
    name,
    engine,
    deployment,
    volume,
    status: 'createRequested',
    createdAt: null,
    since: event.time,
    lastEvent: event.id,
    trace: event.trace,
  };
}
