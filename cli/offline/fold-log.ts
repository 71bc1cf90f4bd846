import { Store } from '../../core/kernel/store.ts';
import type { EventLog } from '../../core/log/log-port.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';

/**
 * The state that the whole log folds to.
 * @throws PloinkyError of the first projection that could not take an event
 */
export async function foldLog(log: EventLog): Promise<Views> {
  const store = new Store<Views>(projections);
  for await (const piece of log.readPieces()) store.replay(piece);
  for (const problem of store.stopped.values()) throw problem;
  return store.views;
}
