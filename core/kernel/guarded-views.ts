import { PloinkyError } from '../errors/ploinky-error.ts';
import type { Store } from './store.ts';

/**
 * The views of a store, where each stops being readable when its projection stopped: whoever needs what is behind the
 * log, to decide or to answer, is refused with the reason, and nobody else is.
 * @throws PloinkyError PROJECTION_STOPPED, from the property
 */
export function guardedViews<Views>(store: Store<Views>): Views {
  const guarded = {};
  for (const [name, entities] of Object.entries(store.views as object)) {
    const get = () => {
      const stopped = store.stopped.get(name);
      if (stopped) throw refusal(stopped);
      return entities as unknown;
    };
    Object.defineProperty(guarded, name, { get, enumerable: true });
  }
  return guarded as Views;
}

function refusal(stopped: PloinkyError): PloinkyError {
  const { message, details, code, hint } = stopped;
  const better = code === 'EVENT_UNKNOWN' ? { hint } : {};
  return new PloinkyError('PROJECTION_STOPPED', message, { cause: stopped, details, ...better });
}
