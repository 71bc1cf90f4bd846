import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';

/** Calls of one command of one deployment on one UTC day. Durations in milliseconds. */
export interface Usage {
  day: string;
  deployment: string;
  command: string;
  count: number;
  failures: number;
  totalMs: number;
  minMs: number;
  maxMs: number;
}

type Outcome = Extract<PloinkyEvent, { type: 'task.completed' | 'task.failed' | 'task.timedOut' | 'task.cancelled' }>;

export const usage: Projection<Usage> = {
  name: 'usage',
  version: 1,
  types: ['task.completed', 'task.failed', 'task.timedOut', 'task.cancelled'],
  key(event) {
    return `${event.time.slice(0, 10)}|${(event as Outcome).data.deployment}|${commandOf(event as Outcome)}`;
  },
  evolve(draft, event) {
    const { deployment, durationMs } = (event as Outcome).data;
    const command = commandOf(event as Outcome);
    const failed = event.type === 'task.completed' ? 0 : 1;
    if (!draft) {
      const day = event.time.slice(0, 10);
      const first = { count: 1, failures: failed, totalMs: durationMs, minMs: durationMs, maxMs: durationMs };
      return { day, deployment, command, ...first };
    }
    draft.count += 1;
    draft.failures += failed;
    draft.totalMs += durationMs;
    draft.minMs = Math.min(draft.minMs, durationMs);
    draft.maxMs = Math.max(draft.maxMs, durationMs);
    return undefined;
  },
};

/** Commands that no agent has are counted together: their names come from outside and have no end. */
function commandOf(event: Outcome): string {
  const unknown = event.type === 'task.failed' && event.data.problem.code === 'COMMAND_NOT_FOUND';
  return unknown ? '(unknown)' : event.data.command;
}
