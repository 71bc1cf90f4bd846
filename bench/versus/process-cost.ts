import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { startVariable } from '../../adapters/process/child-environment.ts';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Seconds of processor time that these processes, and their ended children, have used so far. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    // utime, stime, cutime and cstime are the fields 14 to 17; the name in brackets may hold anything.
    const fields = read(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
    for (const field of fields.slice(11, 15)) ticks += Number(field);
  }
  return ticks / ticksPerSecond;
}

/** Resident MiB of these processes together; what they share with one another counts once. */
export function residentMiB(pids: readonly number[]): number {
  let own = 0;
  let shared = 0;
  for (const pid of pids) {
    const status = read(pid, 'status');
    const kiB = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    own += kiB('RssAnon');
    shared = Math.max(shared, kiB('RssFile') + kiB('RssShmem'));
  }
  return (own + shared) / 1024;
}

/** The process and all that descend from it. */
export function family(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const other of allProcesses()) {
    const parent = Number(read(other, 'stat').split(') ').at(-1)?.split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), other]);
  }
  const found = [pid];
  for (const each of found) found.push(...(children.get(each) ?? []));
  return found;
}

/** Agents that a server on the process engine started, with folders below this one. */
export function agentsBelow(folder: string): readonly number[] {
  return allProcesses().filter((pid) => {
    const environment = read(pid, 'environ');
    return environment.includes(`${startVariable}=`) && environment.includes(folder);
  });
}

function allProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // It ended.
  }
}
