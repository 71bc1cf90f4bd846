import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export interface Domain {
  name: string;
  enabled: boolean;
}

export const domains: Projection<Domain> = {
  name: 'domains',
  version: 1,
  types: ['domain.added', 'domain.enabled', 'domain.disabled', 'domain.removed'],
  key: (event) => event.stream.slice('domain:'.length),
  evolve(draft, event) {
    if (event.type === 'domain.added') {
      if (draft) throw illegal(event, 'present');
      return { name: event.data.name, enabled: true };
    }
    if (!draft) throw illegal(event, 'absent');
    if (event.type === 'domain.removed') return null;
    draft.enabled = event.type === 'domain.enabled';
    return undefined;
  },
};
