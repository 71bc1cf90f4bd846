import type { EventEnvelope } from '../core/events/envelope.ts';
import { type GapData, gapType, isGap } from '../core/log/gap.ts';
import type { Past } from './past.ts';
import { type Assigned, type Enqueued, isEnd, statusOf, type TaskEnd, type TaskStatus } from './recorded-task.ts';

/** One call in a list. */
export interface TaskRow {
  readonly taskId: string;
  readonly deployment: string;
  /** That ran it; of one that waits, that served when it was accepted. */
  readonly release: number;
  readonly command: string;
  readonly user: string;
  readonly status: TaskStatus;
  /** ISO 8601, when it was accepted. */
  readonly time: string;
  /** Of `task.enqueued`. */
  readonly seq: number;
  readonly durationMs: number | null;
}

const types = [
  gapType,
  'task.enqueued',
  'task.assigned',
  'task.completed',
  'task.failed',
  'task.timedOut',
  'task.cancelled',
];

/** What the log says of a call after it was accepted. */
interface Sequel {
  readonly end: TaskEnd | null;
  /** Null where it did not wait, or waits still. */
  readonly assigned: Assigned | null;
}

const nothing: Sequel = { end: null, assigned: null };

/**
 * Calls that were accepted from one event to another, both inclusive, newest first, each with what became of it until
 * now. Read backwards, so that the newest few of many cost little; held is only what came of calls that are still to come.
 * @param onGap told of events that were deleted, and of calls with them
 */
export async function* tasksNewestFirst(
  past: Past,
  from: number,
  to: number,
  onGap: (gap: GapData) => void,
): AsyncGenerator<TaskRow> {
  const sequels = new Map<string, Sequel>();
  const all = to >= past.head().seq;
  for await (const piece of past.pieces({ from, to, types, reverse: true })) {
    for (const event of piece) {
      if (isGap(event)) onGap(event.data);
      else if (event.type !== 'task.enqueued') {
        sequels.set(event.stream, joined(sequels.get(event.stream) ?? nothing, event));
      } else {
        const enqueued = event as Enqueued;
        const known = sequels.get(event.stream) ?? nothing;
        sequels.delete(event.stream);
        yield rowOf(enqueued, all || known.end ? known : await sequelOf(past, enqueued));
      }
    }
  }
}

async function sequelOf(past: Past, { stream, seq }: EventEnvelope): Promise<Sequel> {
  let sequel = nothing;
  for await (const event of past.log.read({ stream, from: seq + 1 })) {
    sequel = joined(sequel, event);
    if (sequel.end) break;
  }
  return sequel;
}

function joined(sequel: Sequel, event: EventEnvelope): Sequel {
  if (isEnd(event)) return { ...sequel, end: event as TaskEnd };
  if (event.type !== 'task.assigned' || event.seq < (sequel.assigned?.seq ?? 0)) return sequel;
  return { ...sequel, assigned: event as Assigned };
}

function rowOf({ seq, time, data }: Enqueued, { end, assigned }: Sequel): TaskRow {
  const { taskId, deployment, command, runForUserId: user } = data;
  const { release } = assigned?.data ?? data;
  const durationMs = end?.data.durationMs ?? null;
  return { taskId, deployment, release, command, user, status: statusOf(end), time, seq, durationMs };
}
