import type { EventEnvelope } from '../core/events/envelope.ts';
import { type GapData, gapType, isGap } from '../core/log/gap.ts';
import type { Past } from './past.ts';
import { type Enqueued, isEnd, statusOf, type TaskEnd, type TaskStatus } from './recorded-task.ts';

/** One call in a list. */
export interface TaskRow {
  readonly taskId: string;
  readonly deployment: string;
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

const types = [gapType, 'task.enqueued', 'task.completed', 'task.failed', 'task.timedOut', 'task.cancelled'];

/**
 * Calls that were accepted from one event to another, both inclusive, newest first, each with what became of it until
 * now. Read backwards, so that the newest few of many cost little; held are only outcomes whose call is still to come.
 * @param onGap told of events that were deleted, and of calls with them
 */
export async function* tasksNewestFirst(
  past: Past,
  from: number,
  to: number,
  onGap: (gap: GapData) => void,
): AsyncGenerator<TaskRow> {
  const ends = new Map<string, TaskEnd>();
  const all = to >= past.head().seq;
  for await (const piece of past.pieces({ from, to, types, reverse: true })) {
    for (const event of piece) {
      if (isGap(event)) onGap(event.data);
      else if (isEnd(event)) ends.set(event.stream, event as TaskEnd);
      else {
        const enqueued = event as Enqueued;
        const end = ends.get(event.stream) ?? (all ? null : await endAfter(past, enqueued));
        ends.delete(event.stream);
        yield rowOf(enqueued, end);
      }
    }
  }
}

async function endAfter(past: Past, { stream, seq }: EventEnvelope): Promise<TaskEnd | null> {
  for await (const event of past.log.read({ stream, from: seq + 1 })) if (isEnd(event)) return event as TaskEnd;
  return null;
}

function rowOf({ seq, time, data }: Enqueued, end: TaskEnd | null): TaskRow {
  const { taskId, deployment, release, command, runForUserId } = data;
  const durationMs = end?.data.durationMs ?? null;
  return { taskId, deployment, release, command, user: runForUserId, status: statusOf(end), time, seq, durationMs };
}
