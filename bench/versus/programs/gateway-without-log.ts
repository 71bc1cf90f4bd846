// The server as it is, except that the events of tasks are neither stored nor folded nor told to anybody: what its
// gateway costs without what makes a call durable.
import type { EventEnvelope, NewEvent } from '../../../core/events/envelope.ts';
import { LevelLog } from '../../../core/log/level-log.ts';
import type { AppendOptions } from '../../../core/log/log-port.ts';

const stored = LevelLog.prototype.append;

LevelLog.prototype.append = function append(
  this: LevelLog,
  events: readonly NewEvent[],
  options?: AppendOptions,
): Promise<readonly EventEnvelope[]> {
  if (!events.every(({ type }) => type.startsWith('task.'))) return stored.call(this, events, options);
  return Promise.resolve(events.map((event) => ({ ...event, seq: 0, hash: '' })));
};

await import('../../../cli/p-cloud.ts');
