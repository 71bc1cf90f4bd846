import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../cli/package-root.ts';
import { openLevelLog } from '../../../core/log/level-log.ts';
import { all } from '../../contracts/log-contract.ts';

const cycles = 15;
const program = join(packageRoot(), 'dist', 'test', 'core', 'log', 'appender.js');

interface Told {
  readonly ready?: true;
  readonly acknowledged?: readonly [seq: number, hash: string][];
}

it(`loses nothing acknowledged when its process is killed ${cycles} times`, { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ploinky-kill-'));
  try {
    let before = 0;
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const acknowledged = await lifeOf(fork(program, [folder, cycle === 0 ? 'create' : 'open']), 20 + cycle * 7);
      before = await check(folder, acknowledged, before);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Lets it append until it has acknowledged `enough` appends, then kills it in the middle of whatever it does. */
async function lifeOf(child: ChildProcess, enough: number): Promise<Map<number, string>> {
  const acknowledged = new Map<number, string>();
  let appends = 0;
  child.on('message', (told: Told) => {
    for (const [seq, hash] of told.acknowledged ?? []) acknowledged.set(seq, hash);
    if (told.acknowledged) appends += 1;
    if (appends === enough) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
  return acknowledged;
}

async function check(folder: string, acknowledged: Map<number, string>, before: number): Promise<number> {
  const log = await openLevelLog({ folder, holder: 'test' });
  try {
    const head = await log.verify();
    expect(head.seq).toBeGreaterThan(before);
    const parts = new Map<string, number>();
    for (const { seq, hash, data } of await all(log)) {
      const told = acknowledged.get(seq);
      if (told !== undefined) expect(hash).toBe(told);
      acknowledged.delete(seq);
      const { batch, count } = data as { batch: string; count: number };
      parts.set(batch, (parts.get(batch) ?? count) - 1);
    }
    expect([...acknowledged.keys()], 'acknowledged, but gone').toEqual([]);
    expect(
      [...parts.values()].every((missing) => missing === 0),
      'each append is there as a whole or not at all',
    ).toBe(true);
    return head.seq;
  } finally {
    await log.close();
  }
}
