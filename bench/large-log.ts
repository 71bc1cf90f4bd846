import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NewEvent } from '../core/events/envelope.ts';
import { createLevelLog } from '../core/log/level-log.ts';

const day = 86_400_000;

/** As many events as are in one commit group of a server with as many callers. */
const groupSize = 64;

/** A data folder below `dir` with `count` events of the last day: calls of 20 commands, and a setting now and then. */
export async function buildLog(dir: string, count: number): Promise<string> {
  const data = join(dir, '.ploinky-cloud');
  mkdirSync(data, { recursive: true });
  const log = await createLevelLog({ folder: data, holder: 'bench' });
  const begin = Date.now() - day;
  const step = day / 2 / count;
  for (let seq = 1; seq <= count; seq += groupSize) {
    const size = Math.min(groupSize, count - seq + 1);
    await log.append(Array.from({ length: size }, (_, i) => eventAt(seq + i, begin + (seq + i) * step)));
  }
  await log.close();
  return data;
}

function eventAt(seq: number, at: number): NewEvent {
  const make = (type: string, stream: string, data: unknown, actor: string): NewEvent => {
    const id = `bench${String(seq).padStart(16, '0')}`;
    return { id, time: new Date(at).toISOString(), type, v: 1, stream, data, actor, cause: null, trace: id };
  };
  if (seq === 1) return make('cloud.initialized', 'cloud', { cloudId: 'bench', version: '0.1.0' }, 'anonymous');
  if (seq % 100 === 1) {
    return make('setting.changed', 'cloud', { name: 'lastLogsLines', value: seq % 5_000, previous: 1 }, 'admin:k_1');
  }
  // Each call ends ten events after it began, so that ten are always under way.
  const ends = (seq - 1) % 20 >= 10;
  const begun = ends ? seq - 10 : seq;
  if (begun % 100 === 1) {
    return make('setting.changed', 'cloud', { name: 'lastLogsLines', value: seq % 5_000, previous: 2 }, 'admin:k_1');
  }
  const taskId = `task${String(begun).padStart(17, '0')}`;
  const call = { taskId, deployment: 'localhost/demo', command: `command${begun % 20}` };
  if (ends) {
    const data = { ...call, durationMs: (seq * 7919) % 1_000, data: `Hello, visitor ${begun}!` };
    return make('task.completed', `task:${taskId}`, data, 'system:tasks');
  }
  const where = { release: 1, container: 'ploinky-localhost-demo-1-abcdef', bootId: 'b00t1d' };
  const data = { ...call, ...where, params: [`visitor ${begun}`], runForUserId: 'admin', timeoutMs: 30_000 };
  return make('task.enqueued', `task:${taskId}`, data, 'admin:k_1');
}
