import { writeSync } from 'node:fs';
import { createLevelLog, openLevelLog } from '../../core/log/level-log.ts';
import { Chance } from './chance.ts';

/**
 * Appends until it is killed and writes one line for each append that was acknowledged, straight into the pipe: what
 * was written stays written, whatever becomes of this process.
 * Arguments: folder, `create` or `open`, how many append at a time, seed.
 */
const [folder = '', how, callers = '16', seed = '1'] = process.argv.slice(2);
const options = { folder, holder: 'appender' };
const log = how === 'create' ? await createLevelLog(options) : await openLevelLog(options);
writeSync(1, 'ready\n');

const time = new Date().toISOString();
const origin = { time, type: 'test.happened', v: 1, actor: 'appender', cause: null, trace: 't' } as const;

/** Most events are small, as in life; some are of several kilobytes, so that tables and their blocks fill. */
async function appendForEver(caller: string, chance: Chance): Promise<void> {
  for (let i = 0; ; i += 1) {
    const batch = `${process.pid}.${caller}.${i}`;
    const count = chance.fraction() < 0.6 ? 1 : 1 + chance.below(8);
    const text = 'x'.repeat(chance.fraction() < 0.05 ? chance.below(8_000) : chance.below(80));
    const events = Array.from({ length: count }, (_, part) => ({
      ...origin,
      id: `${batch}.${part}`,
      stream: `s${chance.below(20)}`,
      data: { batch, part, count, text },
    }));
    const stored = await log.append(events);
    writeSync(1, `ack ${stored.map(({ seq, id, hash }) => `${seq},${id},${hash}`).join(' ')}\n`);
  }
}

await Promise.all(
  Array.from({ length: Number(callers) }, (_, i) => appendForEver(`c${i}`, new Chance(Number(seed) + i))),
);
