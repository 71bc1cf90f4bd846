import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { NewEvent } from '../../core/events/envelope.ts';
import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import { createLevelLog, openLevelLog } from '../../core/log/level-log.ts';
import { recordedHistory } from './recorded-history.ts';

/** A data folder as a killed server leaves it, and all that it tells. */
export interface WholeFolder {
  readonly folder: string;
  /** Files, as paths below the folder; none of them empty. */
  readonly files: readonly string[];
  readonly bytes: ReadonlyMap<string, Buffer>;
  readonly content: Content;
}

/** What must be the same, or be refused. */
export interface Content {
  readonly events: string;
  readonly payloads: ReadonlyMap<string, string>;
  /** Ids of the events that each idempotency key led to. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

/** Makes one, in several lives, so that there are tables, a journal, a manifest and a marker that caught up. */
export async function makeWholeFolder(folder: string, rounds: number): Promise<WholeFolder> {
  const running = `${folder}.running`;
  const history = recordedHistory(rounds);
  const payloads = new Map<string, string>();
  const keys = new Map<string, readonly string[]>();
  const lives = 4;
  for (let life = 0; life < lives; life += 1) {
    const options = { folder: running, holder: 'test' };
    const log = life === 0 ? await createLevelLog(options) : await openLevelLog(options);
    const blobs = createFileBlobStore(running);
    const part = Math.ceil(history.length / lives);
    const events = history.slice(life * part, (life + 1) * part);
    for (let i = 0; i < events.length; i += 20) {
      const appends = events.slice(i, i + 20).map(async (event) => {
        const { seq: _seq, hash: _hash, ...draft } = event;
        const idempotencyKey = `key-${event.seq}`;
        const stored = await log.append([draft as NewEvent], { idempotencyKey });
        keys.set(
          idempotencyKey,
          stored.map(({ id }) => id),
        );
      });
      await Promise.all(appends);
    }
    for (let n = 0; n < 3; n += 1) {
      const json = JSON.stringify(`${life} ${n} ${'x'.repeat(9_000)}`);
      payloads.set((await blobs.put(json)).$blob, json);
    }
    await log.mark();
    if (life === lives - 1) {
      mkdirSync(folder);
      // While it is open, as a kill would leave it.
      cpSync(running, folder, { recursive: true });
      const all = [];
      for await (const event of log.read()) all.push(event);
      await log.close();
      const content = { events: JSON.stringify(all), payloads, keys };
      rmSync(running, { recursive: true });
      return { folder, ...filesOf(folder), content };
    }
    await log.close();
  }
  throw new Error('no life was the last one');
}

function filesOf(folder: string): Pick<WholeFolder, 'files' | 'bytes'> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return { files, bytes: new Map(files.map((name) => [name, readFileSync(join(folder, name))])) };
}
