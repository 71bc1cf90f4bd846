import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnershipLabels } from '../engine/engine-port.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

/** What is kept of one process, in `<state>/<name>/record.json`. No environment: it may hold secrets. */
export interface ProcessRecord {
  readonly name: string;
  readonly labels: OwnershipLabels;
  readonly specHash: string;
  readonly hostPort: number | null;
}

export interface ProcessState {
  readonly record: ProcessRecord;
  readonly identity: ProcessIdentity | null;
  readonly running: boolean;
  /** Null while it runs, and when nobody was there to see it end. */
  readonly exitCode: number | null;
}

export async function writeRecord(folder: string, record: ProcessRecord): Promise<void> {
  await writeFile(join(folder, 'record.json.new'), JSON.stringify(record), { mode: 0o600 });
  await rename(join(folder, 'record.json.new'), join(folder, 'record.json'));
}

/** Null when the folder holds no process of ours, or one whose files cannot be read. */
export async function readState(folder: string): Promise<ProcessState | null> {
  const record = parseRecord(await textOf(join(folder, 'record.json')));
  if (!record) return null;
  const identity = parseIdentity(await textOf(join(folder, 'pid')));
  const exit = await textOf(join(folder, 'exit'));
  const running = exit === null && identity !== null && (await isAlive(identity));
  return { record, identity, running, exitCode: exit === null ? null : Number.parseInt(exit, 10) };
}

async function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

function parseIdentity(text: string | null): ProcessIdentity | null {
  const [pid, started] = (text ?? '').trim().split(' ');
  return pid && started && /^\d+$/.test(pid) && Number(pid) > 1 ? { pid: Number(pid), started } : null;
}

function parseRecord(text: string | null): ProcessRecord | null {
  try {
    const record = JSON.parse(text ?? 'null') as ProcessRecord | null;
    return record && typeof record.name === 'string' && typeof record.labels === 'object' ? record : null;
  } catch {
    return null;
  }
}
