import type { ProblemShape } from '../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

/** An outcome that a caller's URL has not taken yet. */
export interface Callback {
  taskId: string;
  url: string;
  /** Attempts that failed. */
  failed: number;
  problem: ProblemShape | null;
  /** Time of the last event, ISO 8601. */
  since: string;
  lastEvent: string;
  trace: string;
}

const types: readonly PloinkyEvent['type'][] = ['task.callbackDue', 'task.callbackDelivered', 'task.callbackFailed'];

/** Callbacks that are still to be delivered. One that was, or that is given up, is forgotten here; the log remembers it. */
export const callbacks: Projection<Callback> = {
  name: 'callbacks',
  version: 1,
  types,
  key: (event) => event.stream.slice('task:'.length),
  evolve(draft, event) {
    if (event.type === 'task.callbackDue') {
      if (draft) throw illegal(event, 'due');
      const { taskId, url } = event.data;
      const { id, time, trace } = event;
      return { taskId, url, failed: 0, problem: null, since: time, lastEvent: id, trace };
    }
    if (!draft) throw illegal(event, 'delivered, given up or absent');
    if (event.type !== 'task.callbackFailed' || event.data.final) return null;
    const { attempt, problem } = event.data;
    Object.assign(draft, { failed: attempt, problem: { ...problem }, since: event.time, lastEvent: event.id });
    return undefined;
  },
};
