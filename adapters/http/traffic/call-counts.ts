import type { Views } from '../../../projections/views.ts';
import type { CloudPort } from '../cloud-port.ts';
import type { CallCount } from './metrics-answer.ts';

const outcomes = ['task.completed', 'task.failed', 'task.timedOut', 'task.cancelled'];
/** Events looked at for one answer. Beyond it the daily sums have to do. */
const enough = 100_000;
/** Clocks jump: only after so many outcomes in a row before the range does the search end. */
const patience = 100;

/** Whole days, from the sums that are folded anyway. `since` in milliseconds since 1970. */
export function callsByDay(views: Pick<Views, 'usage'>, since: number): CallCount[] {
  const first = new Date(since).toISOString().slice(0, 10);
  return [...views.usage.values()]
    .filter(({ day }) => day >= first)
    .map(({ day, ...usage }) => ({ at: Date.parse(`${day}T00:00:00Z`), ...usage }));
}

/** Single calls of a short range, from the log. null when there are too many to look at each. */
export async function callsSince(cloud: Pick<CloudPort, 'read'>, since: number): Promise<CallCount[] | null> {
  const calls: CallCount[] = [];
  let before = 0;
  for await (const event of cloud.read({ types: outcomes, reverse: true, limit: enough })) {
    const at = Date.parse(event.time);
    if (at < since) {
      before += 1;
      if (before > patience) break;
      continue;
    }
    before = 0;
    const { deployment, command, durationMs } = event.data as Outcome;
    const failures = event.type === 'task.completed' ? 0 : 1;
    calls.push({
      at,
      deployment,
      command,
      count: 1,
      failures,
      totalMs: durationMs,
      minMs: durationMs,
      maxMs: durationMs,
    });
  }
  return calls.length >= enough ? null : calls;
}

interface Outcome {
  readonly deployment: string;
  readonly command: string;
  readonly durationMs: number;
}
