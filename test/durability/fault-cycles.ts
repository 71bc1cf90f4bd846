import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Head } from '../../core/log/log-port.ts';
import { verifyLog } from '../../core/log/verify-log.ts';
import { AppenderProcess } from './appender-process.ts';
import { Chance } from './chance.ts';
import { checkLife } from './check-life.ts';
import type { Run } from './kill-cycles.ts';

export interface FaultFigures {
  cycles: number;
  /** The system refused nothing, since so many calls were not made. */
  withoutFault: number;
  /** It was refused while the log was opened, and the process ended with that. */
  whileOpening: number;
  refusedAppends: number;
  /** Times the log took events again by itself. */
  recovered: number;
  /** Times the fault stayed, and nothing was acknowledged any more. */
  stayed: number;
  acknowledged: number;
  untold: number;
}

interface Fault {
  readonly call: 'fdatasync' | 'fsync' | 'write' | 'rename' | 'openat' | 'read';
  readonly error: 'EIO' | 'ENOSPC' | 'EDQUOT';
  /** The first call that fails, and how many; every later one as well when null. */
  readonly first: number;
  readonly count: number | null;
}

const livesOfAFolder = 6;
/** About as many calls does a life make before it is over. */
const callsLikely = { fdatasync: 60, fsync: 3, write: 40, rename: 3, openat: 14, read: 8 };
/** Appends after which no fault is awaited any more. */
const enough = 2_000;

/** Why system calls cannot be made to fail here; null where they can. */
export function whyNoFaults(): string | null {
  const { status, stderr, error } = spawnSync('strace', ['-f', '--seccomp-bpf', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  });
  if (status === 0) return null;
  return `system calls cannot be made to fail here: ${error?.message ?? stderr.trim()}`;
}

/** Lets the k-th system call on the log's files fail, for many calls and many k, and compares what was acknowledged. */
export async function faultCycles({ cycles, seed, onProgress }: Run<FaultFigures>): Promise<FaultFigures> {
  const chance = new Chance(seed);
  const figures: FaultFigures = {
    ...{ cycles: 0, withoutFault: 0, whileOpening: 0, refusedAppends: 0 },
    ...{ recovered: 0, stayed: 0, acknowledged: 0, untold: 0 },
  };
  while (figures.cycles < cycles) {
    const folder = mkdtempSync(join(tmpdir(), 'ploinky-fault-'));
    try {
      let head: Head | null = null;
      const until = Math.min(cycles, figures.cycles + livesOfAFolder);
      while (figures.cycles < until) {
        const fault = someFault(chance);
        const appender = await lifeOf(folder, head ? 'open' : 'create', fault, chance, figures).catch((error) => {
          throw new Error(`with ${JSON.stringify(fault)}: ${(error as Error).message}`, { cause: error });
        });
        const checked = await checkLife(folder, appender.acknowledged, head);
        head = checked?.head ?? null;
        figures.cycles += 1;
        figures.refusedAppends += appender.said.refused;
        figures.acknowledged += appender.acknowledged.size;
        figures.untold += checked?.untold ?? 0;
        onProgress?.(figures);
      }
      if (head) assert.deepEqual(await verifyLog(folder), head, 'all of it, from the first event on');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return figures;
}

function someFault(chance: Chance): Fault {
  const call = chance.among([
    'fdatasync',
    'fdatasync',
    'fdatasync',
    'write',
    'write',
    'rename',
    'openat',
    'read',
  ] as const);
  return {
    call,
    error: chance.among(['EIO', 'EIO', 'ENOSPC', 'EDQUOT']),
    first: 1 + chance.below(callsLikely[call]),
    count: chance.among([1, 1, 1, 2, 5, null]),
  };
}

async function lifeOf(
  folder: string,
  how: 'create' | 'open',
  fault: Fault,
  chance: Chance,
  figures: FaultFigures,
): Promise<AppenderProcess> {
  const trace = join(folder, 'trace');
  const copy = join(folder, 'said');
  writeFileSync(copy, '');
  const appender = new AppenderProcess(
    { folder, how, callers: 1 + chance.below(16), seed: chance.below(1e9), largeOneIn: 3, retry: true, copy },
    failing(folder, fault, trace, copy),
    // Calls are counted for each thread: one that writes makes "the k-th" mean something.
    { UV_THREADPOOL_SIZE: '1' },
  );
  try {
    await appender.says('ready', 1);
  } catch {
    await appender.gone();
    figures.whileOpening += 1;
    assert.match(appender.errors, /PloinkyError/, 'an error of ours, not a crash');
    return appender;
  }
  await appender.until('met the fault', () => appender.said.refused > 0 || appender.said.ack >= enough);
  if (appender.said.refused === 0) figures.withoutFault += 1;
  else if (fault.count === null && fault.call === 'fdatasync') {
    await appender.says('refused', 40);
    assert.equal(appender.acknowledgedLater, 0, 'nothing is acknowledged while the disk takes nothing');
    figures.stayed += 1;
  } else if (fault.count === null) {
    await appender.says('refused', 20);
    figures.stayed += 1;
  } else {
    const known = appender.said.ack;
    await appender.says('ack', known + 5);
    figures.recovered += 1;
  }
  await appender.kill();
  if (fault.call === 'fdatasync') assertOrder(readFileSync(trace, 'utf8'), copy);
  return appender;
}

/** Between a journal's failed sync and the reopening of the database nothing is acknowledged. */
function assertOrder(trace: string, copy: string): void {
  let unknown = false;
  for (const line of trace.split('\n')) {
    if (line.includes('fdatasync(') && line.includes('.log>') && line.includes('(INJECTED)')) unknown = true;
    else if (line.includes('openat(') && line.includes('/CURRENT"')) unknown = false;
    else if (unknown && line.includes(copy)) assert.doesNotMatch(line, /"ack/, 'nothing is acknowledged unseen');
  }
}

/** The command that lets calls of the command after it fail, on the files of the log only. */
function failing(folder: string, { call, error, first, count }: Fault, trace: string, copy: string): string[] {
  const log = join(folder, 'log');
  const paths = [log, join(log, 'CURRENT')];
  // The words of the appender are traced too, for their place among the calls; where writes fail they must not.
  if (call === 'fdatasync') paths.push(copy);
  for (let n = 1; n <= 120; n += 1) {
    const number = String(n).padStart(6, '0');
    for (const name of [`${number}.log`, `${number}.ldb`, `${number}.dbtmp`, `MANIFEST-${number}`]) {
      paths.push(join(log, name));
    }
  }
  const last = count === null ? '+' : count === 1 ? '' : `..${first + count - 1}`;
  return [
    ...['strace', '-f', '-qq', '-y', '-s', '8', '--seccomp-bpf', '-o', trace, ...paths.flatMap((path) => ['-P', path])],
    ...['-e', `trace=${[...new Set(['openat', 'write', call])].join(',')}`],
    ...['-e', `inject=${call}:error=${error}:when=${first}${last}`],
  ];
}
