import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export interface Cloud {
  cloudId: string;
  version: string;
  initializedAt: string;
  /** Only what was changed; defaults are in `core/settings`. */
  settings: Record<string, unknown>;
  deniedRequests: number;
}

export const cloud: Projection<Cloud> = {
  name: 'cloud',
  version: 1,
  types: ['cloud.initialized', 'setting.changed', 'access.denied'],
  key: () => 'cloud',
  evolve(draft, event) {
    if (event.type === 'cloud.initialized') {
      if (draft) throw illegal(event, 'initialized');
      const { cloudId, version } = event.data;
      return { cloudId, version, initializedAt: event.time, settings: {}, deniedRequests: 0 };
    }
    if (!draft) throw illegal(event, 'absent');
    if (event.type === 'setting.changed') draft.settings[event.data.name] = event.data.value;
    else if (event.type === 'access.denied') draft.deniedRequests += event.data.count;
    return undefined;
  },
};
