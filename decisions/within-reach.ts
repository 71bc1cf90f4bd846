import type { Views } from '../projections/views.ts';
import type { PloinkyEffect } from './effects.ts';

/** The engine was asked and did not answer; it has not answered since. One that was never asked is not away. */
export function isAway({ engines }: Pick<Views, 'engines'>, engine: string | undefined): boolean {
  return engine !== undefined && engines.get(engine)?.connected === false;
}

/**
 * Whether an effect can be begun now. What needs an engine that is away waits for it: each attempt would fail, and a
 * failure of the engine is none of the container. Only a release that is being made is tried all the same, so that whoever
 * waits for it is told.
 */
export function isWithinReach(views: Views, effect: PloinkyEffect): boolean {
  switch (effect.kind) {
    case 'startContainer': {
      const release = views.releases.get(effect.release);
      return release?.status !== 'serving' || !isAway(views, release.engine);
    }
    case 'endContainer':
    case 'resumeContainer':
    case 'stopContainer':
      return !isAway(views, views.containers.get(effect.container)?.engine);
    default:
      return true;
  }
}
