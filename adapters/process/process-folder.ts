import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSynced } from '../../core/files/place-file.ts';
import { isPidInUse } from '../../core/process/pid-in-use.ts';
import type { OwnershipLabels } from '../engine/engine-port.ts';
import { hasProc, isAlive, type ProcessIdentity, parseIdentity } from './process-identity.ts';
import { membersOf } from './process-members.ts';

/**
 * `<state>/<name>/` is what there is of one process:
 *
 *   record.json  what it is; there from the first moment, since the folder appears as a whole
 *   start-<id>   tells the shim that the folder is still that of its own start
 *   pid          "<pid> <start time>" of the shim, leader of the process group
 *   claim        made by the shim before the program begins, or by whoever takes the folder away: only one of them can
 *   exit         exit code of the program
 *   output/      what it wrote
 *
 * Names that begin with a dot are on their way in (`.new-…`) or out (`.gone-…`).
 */
export interface ProcessRecord {
  readonly name: string;
  readonly startId: string;
  readonly labels: OwnershipLabels;
  readonly specHash: string;
  readonly hostPort: number | null;
  /** Where its program began; absent in records of before it was kept. */
  readonly workingDirectory?: string;
  /** What paths inside stand for; absent in records of before it was kept. */
  readonly mounts?: readonly { readonly target: string; readonly source: string }[];
  /** After a restart of the machine nothing of before is alive, whatever has its pid now. Null where unknown. */
  readonly boot: string | null;
}

export interface ProcessState {
  readonly record: ProcessRecord;
  readonly identity: ProcessIdentity | null;
  /** Somebody made the claim: the program has begun, or never will. */
  readonly claimed: boolean;
  readonly running: boolean;
  /** Null while it runs, and when nobody was there to see it end. */
  readonly exitCode: number | null;
}

/** Null when there is none, or something that is not ours to touch. */
export async function readState(folder: string): Promise<ProcessState | null> {
  const record = parseRecord(await textOf(join(folder, 'record.json')));
  if (!record) return null;
  const claimed = (await textOf(join(folder, 'claim'))) !== null;
  const sameBoot = record.boot === (await bootId());
  const identity = sameBoot ? parseIdentity(await textOf(join(folder, 'pid'))) : null;
  const alive = claimed && identity !== null && (await isAlive(identity));
  // Only after the look at the process: it may end in between, and writes this before it does.
  const exitCode = parseExit(await textOf(join(folder, 'exit')));
  const running = exitCode === null && (alive || (claimed && sameBoot && (await hasOrphans(record))));
  return { record, identity, claimed, running, exitCode };
}

/** Puts the folder in its place as a whole; false when the name was taken meanwhile. */
export async function placeFolder(stateFolder: string, record: ProcessRecord): Promise<boolean> {
  const staged = join(stateFolder, `.new-${process.pid}-${record.startId}`);
  await mkdir(join(staged, 'output'), { recursive: true, mode: 0o700 });
  await writeSynced(join(staged, 'record.json'), JSON.stringify(record));
  await writeSynced(join(staged, `start-${record.startId}`), '');
  try {
    await rename(staged, join(stateFolder, record.name));
    return true;
  } catch (error) {
    await rm(staged, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return false;
    throw error;
  }
}

/** From here on no shim begins in the folder. Fine when one has begun, or the folder is gone. */
export async function claimFolder(folder: string): Promise<void> {
  try {
    await (await open(join(folder, 'claim'), 'wx', 0o600)).close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOENT') throw error;
  }
}

/** Where the shim could not: it was killed together with its program. */
export async function writeExit(folder: string, exitCode: number): Promise<void> {
  await writeSynced(join(folder, 'exit.new'), `${exitCode}\n`);
  await rename(join(folder, 'exit.new'), join(folder, 'exit'));
}

/** Takes a folder away in which nothing runs any more: first out of sight as a whole, then piece by piece. */
export async function dropFolder(stateFolder: string, { name, startId }: ProcessRecord): Promise<void> {
  const gone = join(stateFolder, `.gone-${startId}`);
  try {
    await rename(join(stateFolder, name), gone);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await rm(gone, { recursive: true, force: true });
}

/** What crashed servers left half-way. */
export async function tidyFolders(stateFolder: string): Promise<void> {
  for (const name of await readdir(stateFolder).catch(() => [])) {
    const [, starter] = /^\.new-(\d+)-/.exec(name) ?? [];
    const left = name.startsWith('.gone-') || (starter !== undefined && !isPidInUse(Number(starter)));
    if (left) await rm(join(stateFolder, name), { recursive: true, force: true });
  }
}

let boot: Promise<string | null> | undefined;

export function bootId(): Promise<string | null> {
  boot ??= hasProc
    ? textOf('/proc/sys/kernel/random/boot_id').then((text) => text?.trim() ?? null)
    : Promise.resolve(null);
  return boot;
}

/** A program whose shim was killed alone is known by its mark. Dear, and therefore asked last. */
async function hasOrphans({ startId }: ProcessRecord): Promise<boolean> {
  return (await membersOf(startId)).length > 0;
}

function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

function parseExit(text: string | null): number | null {
  return /^\d+\n$/.test(text ?? '') ? Number(text) : null;
}

function parseRecord(text: string | null): ProcessRecord | null {
  try {
    const record = JSON.parse(text ?? 'null') as ProcessRecord | null;
    const complete =
      typeof record?.name === 'string' && /^[0-9a-f]{16}$/.test(record.startId) && record.labels !== null;
    return complete && typeof record.labels === 'object' ? record : null;
  } catch {
    return null;
  }
}
