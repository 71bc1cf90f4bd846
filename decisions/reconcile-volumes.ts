import type { Views } from '../projections/views.ts';
import type { PloinkyEffect } from './effects.ts';

/** Only a volume that somebody named goes. Making one is part of starting what needs it. */
export function reconcileVolumes(views: Views): PloinkyEffect[] {
  const effects: PloinkyEffect[] = [];
  for (const { id, status, lastEvent: cause, trace } of views.volumes.values()) {
    if (status !== 'removeRequested') continue;
    effects.push({ id: `remove-volume:${id}`, kind: 'removeVolume', lane: `volume:${id}`, volume: id, cause, trace });
  }
  return effects;
}
