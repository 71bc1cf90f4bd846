import assert from 'node:assert/strict';
import {
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import { openLevelLog } from '../../core/log/level-log.ts';
import { verifyLog } from '../../core/log/verify-log.ts';
import { newEvent } from '../new-event.ts';
import { Chance } from './chance.ts';
import { makeWholeFolder, secretsOf, toldBy, type WholeFolder } from './whole-folder.ts';

interface Damage {
  readonly kind: 'flip' | 'cut' | 'zeros' | 'delete';
  readonly file: string;
  readonly at: number;
  readonly bit: number;
}

/**
 * Spoils one file of a copy at a time and looks at what the log says of it. A process of its own, since LevelDB ends the
 * process over some damage; then it is started again, and asked what it says now.
 * Arguments: an empty folder, seed, first trial, trials, `again` when the first one ended a process before.
 */
async function damageTrials(place: string, seed: number, first: number, count: number, again: boolean): Promise<void> {
  const copy = join(place, 'copy');
  const small = await makeWholeFolder(join(place, 'small'), 4);
  // With segments of the stream index, and tables of many blocks.
  const large = await makeWholeFolder(join(place, 'large'), 50);
  for (let trial = first; trial < count; trial += 1) {
    const chance = new Chance(seed + trial * 7_919);
    const whole = chance.below(50) === 0 ? large : small;
    const damage = someDamage(whole, chance);
    const ended = again && trial === first;
    try {
      if (!ended) {
        cpSync(whole.folder, copy, { recursive: true });
        spoil(copy, damage);
      }
      const outcome = ended ? await refusalOf(copy) : await outcomeOf(copy, whole, damage.file);
      process.stdout.write(`${JSON.stringify({ trial, outcome: `${kindOf(damage.file)}: ${outcome}` })}\n`);
    } catch (error) {
      const what = `trial ${trial}: ${damage.kind} of ${damage.file} at ${damage.at}, bit ${damage.bit}`;
      throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
    }
    rmSync(copy, { recursive: true });
  }
}

/** After LevelDB ended the process: what a start says now, or `verify`, which looks at the files first. */
async function refusalOf(folder: string): Promise<string> {
  const refusal = await openAndVerify(folder).catch((error: unknown) => error);
  assert.ok(isPloinkyError(refusal, 'LOG_DAMAGED'), `what ended the process is taken: ${String(refusal)}`);
  assert.ok(refusal.message.includes(folder), `no place is named: ${refusal.message}`);
  return 'LevelDB ended the process, then LOG_DAMAGED';
}

async function openAndVerify(folder: string): Promise<void> {
  const log = await openLevelLog({ folder, holder: 'test' });
  await log.close();
  await verifyLog(folder);
}

/** Where the events lie, more often than elsewhere. */
const weights: Readonly<Record<string, number>> = {
  'N.ldb': 8,
  'N.log': 6,
  'MANIFEST-N': 4,
  segments: 3,
  snapshots: 3,
  blobs: 2,
  secrets: 2,
};

function someDamage({ files, bytes }: WholeFolder, chance: Chance): Damage {
  const kinds = [...new Set(files.map(kindOf))];
  const kind = chance.among(kinds.flatMap((name) => Array.from({ length: weights[name] ?? 1 }, () => name)));
  // A place among all bytes of the kind, so that a large table is hit more often than a small one.
  const candidates = files.filter((name) => kindOf(name) === kind);
  const size = (name: string) => bytes.get(name)?.length ?? 0;
  let at = chance.below(
    Math.max(
      1,
      candidates.reduce((sum, name) => sum + size(name), 0),
    ),
  );
  let file = candidates[0] as string;
  for (file of candidates) {
    if (at < size(file)) break;
    at -= size(file);
  }
  return {
    kind: chance.among(['flip', 'flip', 'flip', 'flip', 'flip', 'flip', 'cut', 'cut', 'zeros', 'delete']),
    file,
    at: Math.max(0, at),
    bit: chance.below(8),
  };
}

function kindOf(file: string): string {
  if (file.startsWith('log/')) return file.slice(4).replace(/\d{6}/, 'N').replace('LOG.old', 'LOG');
  return file.includes('/') ? (dirname(file).split('/')[0] as string) : file;
}

const sector = 512;

function spoil(folder: string, { kind, file, at, bit }: Damage): void {
  const path = join(folder, file);
  if (kind === 'delete') {
    rmSync(path);
    return;
  }
  if (kind === 'cut') {
    truncateSync(path, at);
    return;
  }
  const size = statSync(path).size;
  if (size === 0) return;
  const handle = openSync(path, 'r+');
  try {
    if (kind === 'zeros') {
      const start = at - (at % sector);
      writeSync(handle, Buffer.alloc(Math.min(sector, size - start)), 0, Math.min(sector, size - start), start);
      return;
    }
    const byte = readFileSync(path)[at] as number;
    writeSync(handle, Buffer.from([byte ^ (1 << bit)]), 0, 1, at);
  } finally {
    closeSync(handle);
  }
}

/** `the same`, or the code of the refusal and where it came. */
async function outcomeOf(folder: string, whole: WholeFolder, damaged: string): Promise<string> {
  let step = 'open';
  try {
    const log = await openLevelLog({ folder, holder: 'test' });
    try {
      step = 'read';
      await readEverything(folder, log, whole.content);
      step = 'verify';
      await log.verify();
      step = 'repeat';
      await repeatEverything(log, whole.content);
      return 'the same';
    } finally {
      await log.close();
    }
  } catch (error) {
    if (!isPloinkyError(error)) throw error;
    const named =
      error.message.includes(folder) ||
      /payload [0-9a-f]{64}|^(TOKEN|PASSWORD) |of (TOKEN|PASSWORD) /.test(error.message);
    assert.ok(named, `no place is named: ${error.message}`);
    if (step === 'open') nothingIsGone(folder, whole, damaged);
    return `${error.code} at ${step}`;
  }
}

type Log = Awaited<ReturnType<typeof openLevelLog>>;

async function readEverything(folder: string, log: Log, content: WholeFolder['content']): Promise<void> {
  const told = await toldBy(folder, log);
  assert.ok(told.events === content.events, 'other events were read without a complaint');
  assert.ok(told.state === content.state, 'another state came out of them');
  const blobs = createFileBlobStore(folder);
  for (const [name, json] of content.payloads) {
    assert.ok((await blobs.get({ $blob: name, size: json.length })) === json, 'another payload was read');
  }
  const secrets = secretsOf(folder);
  for (const [name, value] of content.secrets) {
    assert.ok((await secrets.get(name, 1)) === value, 'another secret was read');
  }
}

/** A key that came before must lead to the events of then, and never store new ones. */
async function repeatEverything(log: Log, content: WholeFolder['content']): Promise<void> {
  const { seq } = log.head();
  const repeated = await Promise.all(
    [...content.keys].map(async ([idempotencyKey, ids]) => {
      const stored = await log.append([newEvent()], { idempotencyKey });
      return JSON.stringify(stored.map(({ id }) => id)) === JSON.stringify(ids);
    }),
  );
  assert.ok(repeated.every(Boolean), 'an idempotency key was forgotten without a complaint');
  assert.equal(log.head().seq, seq);
}

/** Who is refused can go and repair: tables and journals that were there are there still. */
function nothingIsGone(folder: string, { bytes }: WholeFolder, damaged: string): void {
  const kept = ['log', 'log.journals'].flatMap((name) =>
    existsSync(join(folder, name)) ? readdirSync(join(folder, name)).map((file) => join(folder, name, file)) : [],
  );
  for (const [name, content] of bytes) {
    if (name === damaged || !/^log\/\d+\.(ldb|log)$/.test(name)) continue;
    const still = kept.some((file) => file.endsWith(name.slice(4)) && readFileSync(file).equals(content));
    assert.ok(still, `${name} is gone after a refusal`);
  }
}

const [place = '', seed, first, count, again] = process.argv.slice(2);
await damageTrials(place, Number(seed), Number(first), Number(count), again === 'again');
