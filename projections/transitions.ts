import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

type EventType = PloinkyEvent['type'];
type EventOf<Type extends EventType> = Extract<PloinkyEvent, { type: Type }>;

/** What an event needs of an entity, and what it makes of it. */
interface Transition<Status extends string> {
  readonly from: readonly Status[];
  /** `removed` = it is forgotten; absent = its status stays. */
  readonly to?: Status | 'removed';
}

interface Life<Entity extends { status: string }, Begin extends EventType> {
  /** The event that makes a new entity. It may be in the table as well: then one that exists takes it, too. */
  readonly beginsWith: Begin;
  readonly begin: (event: EventOf<Begin>) => Entity;
  /** Total: what is not listed is illegal. */
  readonly transitions: Readonly<Partial<Record<EventType, Transition<Entity['status']>>>>;
  /** What else an event changes. The entity has its new status already. */
  readonly note: (draft: Entity, event: PloinkyEvent) => void;
}

/** The half of a projection that follows from a table of transitions. */
export function followTransitions<Entity extends { status: string }, Begin extends EventType>(
  life: Life<Entity, Begin>,
): Pick<Projection<Entity>, 'types' | 'evolve'> {
  const { beginsWith, begin, transitions, note } = life;
  return {
    types: [...new Set([beginsWith, ...(Object.keys(transitions) as EventType[])])],
    evolve(draft, event) {
      if (!draft && event.type === beginsWith) return begin(event as EventOf<Begin>);
      const transition = transitions[event.type];
      if (!draft || !transition?.from.includes(draft.status)) throw illegal(event, draft?.status ?? 'absent');
      if (transition.to === 'removed') return null;
      if (transition.to !== undefined) draft.status = transition.to;
      note(draft, event);
      return undefined;
    },
  };
}
