import type { EventEnvelope } from '../../core/events/envelope.ts';
import { Store } from '../../core/kernel/store.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import type { Ground } from '../ground/ground.ts';

/** The state that a server has is what its log folds to, and nothing else. */
export function sameAfterReplay(ground: Ground, live: Store<Views>, events: readonly EventEnvelope[]): void {
  const problem = stopped(live, 'live') ?? difference(live, events);
  if (problem) ground.fail('replay-same', problem);
}

function stopped(store: Store<Views>, which: string): string | null {
  for (const [name, problem] of store.stopped) return `${which}, the projection ${name} stopped: ${problem.message}`;
  return null;
}

function difference(live: Store<Views>, events: readonly EventEnvelope[]): string | null {
  const known = events.slice(0, live.seq);
  if (known.length < live.seq) return `the state is of event ${live.seq}, the log ends with ${known.length}`;
  const fresh = new Store<Views>(projections);
  fresh.replay(known);
  const broken = stopped(fresh, 'in a replay');
  if (broken) return broken;
  const replayed = fresh.capture();
  for (const [name, entities] of Object.entries(live.capture().entities)) {
    const others = new Map(replayed.entities[name] ?? []);
    if (others.size !== entities.length) return `${name}: ${entities.length} live, ${others.size} after a replay`;
    for (const [key, entity] of entities) {
      const [now, then] = [JSON.stringify(entity), JSON.stringify(others.get(key))];
      if (now !== then) return `${name} ${key} is ${now}, and after a replay ${then}`;
    }
  }
  return null;
}
