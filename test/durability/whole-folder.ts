import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createFileSecrets } from '../../adapters/secrets/file-secrets.ts';
import { createSnapshots } from '../../adapters/snapshots/create-snapshots.ts';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import type { NewEvent } from '../../core/events/envelope.ts';
import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import { createLevelLog, type LevelLog, openLevelLog } from '../../core/log/level-log.ts';
import { dump, dumpText } from '../../history/dump.ts';
import { Past } from '../../history/past.ts';
import { recordedHistory } from './recorded-history.ts';

/** A data folder as a killed server leaves it, and all that it tells. */
export interface WholeFolder {
  readonly folder: string;
  /** Files, as paths below the folder. */
  readonly files: readonly string[];
  readonly bytes: ReadonlyMap<string, Buffer>;
  readonly content: Content;
}

/** What must be the same, or be refused. */
export interface Content {
  readonly events: string;
  readonly state: string;
  readonly payloads: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, string>;
  /** Ids of the events that each idempotency key led to. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

const lives = 4;

/**
 * Makes one, in several lives, so that there are tables, a journal, a manifest and a marker that caught up; with
 * payloads, snapshots, a sealed segment and secrets.
 */
export async function makeWholeFolder(folder: string, rounds: number): Promise<WholeFolder> {
  const running = `${folder}.running`;
  const history = recordedHistory(rounds);
  const payloads = new Map<string, string>();
  const keys = new Map<string, readonly string[]>();
  const secrets = await storeSecrets(running);
  const part = Math.ceil(history.length / lives);
  for (let life = 1; ; life += 1) {
    const options = { folder: running, holder: 'test' };
    const log = life === 1 ? await createLevelLog(options) : await openLevelLog(options);
    try {
      await write(log, history.slice((life - 1) * part, life * part), keys);
      await storePayloads(running, life, payloads);
      if (life === 2) await seal(log, history.length / 4);
      if (life === 2 || life === 3) await createSnapshots(running).write((await pastOf(running, log)).capture());
      await log.mark();
      if (life < lives) continue;
      mkdirSync(folder);
      // While it is open, as a kill would leave it.
      cpSync(running, folder, { recursive: true });
      const { events, state } = await toldBy(running, log);
      return { folder, ...filesOf(folder), content: { events, state, payloads, secrets, keys } };
    } finally {
      await log.close();
      if (life === lives) rmSync(running, { recursive: true });
    }
  }
}

/** Everything that the log in a folder says: each event, and the state, by way of the nearest snapshot. */
export async function toldBy(folder: string, log: LevelLog): Promise<{ events: string; state: string }> {
  const events = [];
  for await (const event of log.read()) events.push(event);
  const store = await pastOf(folder, log);
  return { events: JSON.stringify(events), state: dumpText(dump(store.views)) };
}

export function secretsOf(folder: string) {
  const key = { file: join(folder, 'secrets.key'), given: undefined };
  return createFileSecrets({ folder: join(folder, 'secrets'), key, cloudId: 'abc123def456' });
}

async function pastOf(folder: string, log: LevelLog) {
  const blobs = createFileBlobStore(folder);
  const past = new Past({ log, blobs, now: Date.now, snapshots: createSnapshots(folder) });
  return (await past.stateAt(log.head().seq)).store;
}

async function write(log: LevelLog, events: readonly PloinkyEvent[], keys: Map<string, readonly string[]>) {
  for (let i = 0; i < events.length; i += 20) {
    const appends = events.slice(i, i + 20).map(async ({ seq, hash: _hash, ...draft }) => {
      const stored = await log.append([draft as NewEvent], { idempotencyKey: `key-${seq}` });
      keys.set(
        `key-${seq}`,
        stored.map(({ id }) => id),
      );
    });
    await Promise.all(appends);
  }
}

/** The calls among the oldest events, into a file. */
async function seal(log: LevelLog, mostEvents: number): Promise<void> {
  const due = await log.segments.due({ after: 0, before: '9999-01-01T00:00:00.000Z', mostEvents });
  if (!due) throw new Error('nothing can be sealed');
  const manifest = await log.segments.write(due);
  const time = new Date().toISOString();
  const origin = { actor: 'test', cause: null, trace: 't' };
  await log.append([{ id: 'sealed', time, type: 'log.sealed', v: 1, stream: 'log', data: manifest, ...origin }]);
  await log.segments.apply(manifest);
}

async function storePayloads(folder: string, life: number, payloads: Map<string, string>): Promise<void> {
  const blobs = createFileBlobStore(folder);
  for (let n = 0; n < 3; n += 1) {
    const json = JSON.stringify(`${life} ${n} ${'x'.repeat(9_000)}`);
    payloads.set((await blobs.put(json)).$blob, json);
  }
}

async function storeSecrets(folder: string): Promise<Map<string, string>> {
  mkdirSync(folder);
  const values = new Map<string, string>();
  for (const name of ['TOKEN', 'PASSWORD']) {
    values.set(name, `value of ${name}`);
    await secretsOf(folder).put(name, 1, `value of ${name}`);
  }
  return values;
}

function filesOf(folder: string): Pick<WholeFolder, 'files' | 'bytes'> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return { files, bytes: new Map(files.map((name) => [name, readFileSync(join(folder, name))])) };
}
