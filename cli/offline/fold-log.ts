import type { EventEnvelope } from '../../core/events/envelope.ts';
import { Store } from '../../core/kernel/store.ts';
import type { EventLog } from '../../core/log/log-port.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';

const chunk = 1_000;

/**
 * The state that the whole log folds to.
 * @throws PloinkyError of the first projection that could not take an event
 */
export async function foldLog(log: EventLog): Promise<Views> {
  const store = new Store<Views>(projections);
  let events: EventEnvelope[] = [];
  for await (const event of log.read()) {
    events.push(event);
    if (events.length < chunk) continue;
    store.replay(events);
    events = [];
  }
  store.replay(events);
  for (const problem of store.stopped.values()) throw problem;
  return store.views;
}
