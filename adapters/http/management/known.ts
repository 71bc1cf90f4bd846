import { isPloinkyError } from '../../../core/errors/ploinky-error.ts';

/** What `ask` says; null for what cannot be told, since a projection that it needs stopped. */
export function known<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch (error) {
    if (isPloinkyError(error, 'PROJECTION_STOPPED')) return null;
    throw error;
  }
}
