import { openSync, writeSync } from 'node:fs';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EventEnvelope, NewEvent } from '../../core/events/envelope.ts';
import { createLevelLog, openLevelLog } from '../../core/log/level-log.ts';
import type { AppenderOptions } from './appender-process.ts';
import { Chance } from './chance.ts';

/**
 * Appends until it is killed and writes one line for each append that was acknowledged, straight into the pipe: what
 * was written stays written, whatever becomes of this process. Its only argument is `AppenderOptions` as JSON.
 */
const { folder, how, callers, seed, largeOneIn, retry, copy } = JSON.parse(process.argv[2] ?? '') as AppenderOptions;
const options = { folder, holder: 'appender' };
const log = how === 'create' ? await createLevelLog(options) : await openLevelLog(options);
const copies = copy === undefined ? null : openSync(copy, 'a');
tell(`ready ${process.pid}`);

const time = new Date().toISOString();
const origin = { time, type: 'test.happened', v: 1, actor: 'appender', cause: null, trace: 't' } as const;
let reading: Promise<void> | null = null;

/** Most events are small, as in life; some are of several kilobytes, so that tables and their blocks fill. */
async function appendForEver(caller: string, chance: Chance): Promise<void> {
  for (let i = 0; ; i += 1) {
    const batch = `${process.pid}.${caller}.${i}.${seed}`;
    const count = chance.fraction() < 0.6 ? 1 : 1 + chance.below(8);
    const text = 'x'.repeat(chance.below(largeOneIn) === 0 ? chance.below(8_000) : chance.below(80));
    const events = Array.from({ length: count }, (_, part) => ({
      ...origin,
      id: `${batch}.${part}`,
      stream: `s${chance.below(20)}`,
      data: { batch, part, count, text },
    }));
    const stored = retry ? await appendOnce(batch, events) : await log.append(events);
    tell(`ack ${stored.map(({ seq, id, hash }) => `${seq},${id},${hash}`).join(' ')}`);
  }
}

/** Asks with the same key until it was taken, and reads what is there in between. */
async function appendOnce(idempotencyKey: string, events: readonly NewEvent[]): Promise<readonly EventEnvelope[]> {
  for (;;) {
    try {
      return await log.append(events, { idempotencyKey });
    } catch (error) {
      if (!isPloinkyError(error)) throw error;
      tell(`refused ${error.code}`);
      reading ??= readAll().finally(() => {
        reading = null;
      });
      await reading;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

async function readAll(): Promise<void> {
  const { seq } = log.head();
  let count = 0;
  try {
    for await (const _ of log.read()) count += 1;
  } catch (error) {
    if (!isPloinkyError(error)) throw error;
    tell(`unread ${error.code}`);
    return;
  }
  if (count < seq) throw new Error(`${count} events of ${seq} could be read`);
  tell('read');
}

function tell(line: string): void {
  if (copies !== null) writeSync(copies, `${line}\n`);
  writeSync(1, `${line}\n`);
}

await Promise.all(Array.from({ length: callers }, (_, i) => appendForEver(`c${i}`, new Chance(seed + i))));
