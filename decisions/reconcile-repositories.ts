import type { Views } from '../projections/views.ts';
import type { PloinkyEffect } from './effects.ts';

/** Every repository whose sync is due. */
export function reconcileRepositories(views: Views): PloinkyEffect[] {
  const effects: PloinkyEffect[] = [];
  for (const { name, sync, wantedAt, enabled, lastEvent, trace } of views.repositories.values()) {
    if (sync !== 'wanted' || !enabled) continue;
    effects.push({
      id: `sync:${name}:${wantedAt}`,
      kind: 'syncRepository',
      lane: `repository:${name}`,
      repository: name,
      wantedAt,
      cause: lastEvent,
      trace,
    });
  }
  return effects;
}
