import { readdir, readFile } from 'node:fs/promises';
import type { ContainerStats } from '../engine/container-stats.ts';
import type { ProcessState } from './process-folder.ts';
import { hasProc } from './process-identity.ts';

/** Of the kernel's figures for programs; the same on every Linux. */
const ticksPerSecond = 100;
/** One look at all processes serves every container that is asked about within this time. */
const sharedMs = 500;
const atOnce = 64;

interface Seen {
  readonly pid: number;
  readonly session: number;
  /** Its own, and of its children that have ended. */
  readonly cpuMs: number;
}

let shared: { readonly at: number; readonly found: Promise<readonly Seen[]> } | null = null;

/**
 * Of the session that the shim leads; a program that left it is not counted. Null where there is no /proc, and for what does not run.
 */
export async function processStats(state: ProcessState): Promise<ContainerStats | null> {
  if (!hasProc || !state.running || state.identity === null) return null;
  const leader = state.identity.pid;
  if (shared === null || performance.now() - shared.at > sharedMs)
    shared = { at: performance.now(), found: lookAtAll() };
  const members = (await shared.found).filter(({ session }) => session === leader);
  const memory = await Promise.all(members.map(({ pid }) => residentBytes(pid)));
  return {
    engineId: state.record.startId,
    cpuMs: members.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
    memoryLimitBytes: null,
    networkInBytes: null,
    networkOutBytes: null,
    blockReadBytes: null,
    blockWriteBytes: null,
    pids: members.length,
  };
}

async function lookAtAll(): Promise<Seen[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const seen: Seen[] = [];
  for (let i = 0; i < pids.length; i += atOnce) {
    const found = await Promise.all(pids.slice(i, i + atOnce).map((pid) => textOf(`/proc/${pid}/stat`)));
    for (const text of found) {
      const one = parseStat(text);
      if (one) seen.push(one);
    }
  }
  return seen;
}

/** `proc_pid_stat(5)`: field 6 is the session, 14 to 17 the times; the name in brackets may hold anything. */
export function parseStat(text: string): Seen | null {
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [session, ...times] = [3, 11, 12, 13, 14].map((at) => Number(fields[at]));
  if (!Number.isInteger(pid) || session === undefined || times.some(Number.isNaN)) return null;
  const ticks = times.reduce((sum, time) => sum + time, 0);
  return { pid, session, cpuMs: (ticks * 1_000) / ticksPerSecond };
}

async function residentBytes(pid: number): Promise<number> {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(await textOf(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
