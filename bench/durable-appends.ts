import type { NewEvent } from '../core/events/envelope.ts';
import { createLevelLog } from '../core/log/level-log.ts';

export interface DurableAppends {
  append(): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * A log in `folder` that takes one event of 300 bytes after the other. They are made beforehand, as the values of the
 * bare databases are: making events is the work of those who append them.
 */
export async function durableAppends(folder: string): Promise<DurableAppends> {
  const log = await createLevelLog({ folder, holder: 'bench' });
  const events = Array.from({ length: 8_192 }, (_, n) => event(n));
  let next = 0;
  return {
    append() {
      next = (next + 1) % events.length;
      return log.append([events[next] as NewEvent]);
    },
    close: () => log.close(),
  };
}

function event(n: number): NewEvent {
  const id = `bench-${String(n).padStart(14, '0')}`;
  const data = { taskId: id, deployment: 'localhost/demo', params: ['x'.repeat(19)] };
  const origin = { actor: 'system:tasks', cause: null, trace: id };
  return { id, time: '2026-01-01T00:00:00.000Z', type: 'task.enqueued', v: 1, stream: `task:${id}`, data, ...origin };
}
