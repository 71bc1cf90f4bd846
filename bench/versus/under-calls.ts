import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../cli/package-root.ts';

/** See test/durability/killed-under-calls.ts. */
export interface KilledUnderCalls {
  readonly calls: number;
  readonly acknowledged: number;
  readonly broken: number;
  readonly askedAgain: number;
  readonly untold: number;
  readonly lost: number;
  readonly doubled: number;
}

/** See test/durability/steady-memory.ts. */
export interface MemoryUnderCalls {
  readonly calls: number;
  readonly firstHalfMiB: number;
  readonly secondHalfMiB: number;
  readonly ratio: number;
}

export function underCalls(trial: 'killed', calls: number): KilledUnderCalls;
export function underCalls(trial: 'memory', calls: number): MemoryUnderCalls;
/** Runs a trial of the durability tests in a process of its own, which ends what it started. */
export function underCalls(trial: 'killed' | 'memory', calls: number): unknown {
  const program = join(packageRoot(), 'dist/test/durability/under-calls.js');
  const stdio: ('ignore' | 'pipe' | 'inherit')[] = ['ignore', 'pipe', 'inherit'];
  return JSON.parse(execFileSync(process.execPath, [program, trial, String(calls)], { encoding: 'utf8', stdio }));
}
