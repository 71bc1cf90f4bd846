import { createLevelLog, openLevelLog } from '../../../core/log/level-log.ts';
import { newEvent } from '../../new-event.ts';

/**
 * Appends until it is killed, 16 at a time, one to three events each, and tells its parent what was acknowledged.
 * Arguments: folder, and `create` or `open`.
 */
const [folder = '', how] = process.argv.slice(2);
const options = { folder, holder: 'appender' };
const log = how === 'create' ? await createLevelLog(options) : await openLevelLog(options);
process.send?.({ ready: true });

async function appendForEver(name: string): Promise<void> {
  for (let i = 0; ; i += 1) {
    const count = 1 + (i % 3);
    const events = Array.from({ length: count }, (_, part) => newEvent(name, { batch: `${name}.${i}`, part, count }));
    const stored = await log.append(events);
    process.send?.({ acknowledged: stored.map(({ seq, hash }) => [seq, hash]) });
  }
}

await Promise.all(Array.from({ length: 16 }, (_, i) => appendForEver(`w${process.pid}.${i}`)));
