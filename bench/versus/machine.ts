import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../rounds.ts';
import { nginx, type Package, pathOf, postgres, redis, wrk } from './packages.ts';

/** Where figures come from; without it they mean nothing. */
export interface Machine {
  readonly processors: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** Median milliseconds of 4 KiB written and synced, in the folder that the logs lie in. */
  readonly fdatasyncMs: number;
  /** As they say it themselves; null where it is not installed. */
  readonly programs: Readonly<Record<string, string | null>>;
}

export function describeMachine(): Machine {
  return {
    processors: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    fdatasyncMs: Number(fdatasyncMs().toFixed(3)),
    programs: {
      wrk: versionOf(wrk, '-v'),
      nginx: versionOf(nginx, '-v'),
      Redis: versionOf(redis, '--version'),
      PostgreSQL: versionOf(postgres, '--version'),
      BullMQ: packageVersion('bullmq'),
      'graphile-worker': packageVersion('graphile-worker'),
      Fastify: packageVersion('fastify'),
      undici: packageVersion('undici'),
    },
  };
}

function fdatasyncMs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'pv-'));
  const file = openSync(join(folder, 'synced'), 'w');
  const page = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 200 }, () => {
    const begun = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - begun;
  });
  closeSync(file);
  rmSync(folder, { recursive: true, force: true });
  return median(times);
}

function versionOf(program: Package, question: string): string | null {
  const path = pathOf(program);
  if (path === null) return null;
  // Some say it on standard error, and wrk ends with 1 after it.
  const { stdout, stderr } = spawnSync(path, [question], { encoding: 'utf8' });
  return /\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0] ?? null;
}

function packageVersion(name: string): string {
  const file = fileURLToPath(new URL(`../../../node_modules/${name}/package.json`, import.meta.url));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
