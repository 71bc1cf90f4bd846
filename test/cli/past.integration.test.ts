import { applyPatch } from 'rfc6902';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumpText } from '../../history/dump.ts';
import { PastGround } from './past-ground.ts';

let past: PastGround;
/** Numbers of events to look back upon. */
const at = { begun: 0, first: 0, second: 0, end: 0 };

beforeAll(async () => {
  past = await PastGround.make();
  const { ground } = past;
  at.begun = await ground.head();
  await ground.deployed('/demo', 'demo', { environment: { LOG_LEVEL: 'info', OLD: 'yes' } });
  at.first = await ground.head();
  await ground.call('/demo', 'hello', ['you']);
  await ground.deployed('/demo', 'demo', { environment: { LOG_LEVEL: 'debug', NEW: 'yes' } });
  await ground.nothingHalfMade('/demo');
  at.second = await ground.head();
  await ground.undeploy('/demo');
  await ground.nothingHalfMade('/demo');
  at.end = await ground.head();
});
afterAll(async () => {
  await past?.ground.clear();
});

/** Runs the same words against the server and against its folder. */
function both(name: string, work: (ask: (...argv: string[]) => ReturnType<PastGround['cli']>) => Promise<void>): void {
  it(`${name} (asked of the server)`, () => work((...argv) => past.cli(...argv)));
  it(`${name} (asked of the folder)`, async () => {
    await past.ground.server.kill('SIGTERM');
    try {
      await work((...argv) => past.offline(...argv));
    } finally {
      await past.ground.server.start();
    }
  });
}

describe('diff', () => {
  both('tells what changed and which events did it', async (ask) => {
    const { exit, stdout } = await ask('diff', String(at.first), String(at.second));
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^localhost\/demo$/m);
    expect(stdout).toMatch(/environment\.LOG_LEVEL +info → debug$/m);
    expect(stdout).toMatch(/environment\.OLD +yes → nothing$/m);
    expect(stdout).toMatch(/environment\.NEW +nothing → yes$/m);
    expect(stdout).toMatch(/serving release +1 → 2$/m);
    expect(stdout).toMatch(/release 1 status +serving → retired$/m);
    expect(stdout).toMatch(
      /deployment\.requested +localhost\/demo#2: redeploy demo from PloinkyDemo on process +admin:/,
    );
    expect(stdout).toMatch(/release\.retired .* ← \d+$/m);
    expect(stdout).not.toContain('\u001b');
  });

  both('gives a patch that makes the one state of the other, back as well', async (ask) => {
    const state = async (seq: number) => {
      const { stdout } = await ask('state', '--at', String(seq), '--json');
      return (JSON.parse(stdout) as { state: unknown }).state;
    };
    for (const [a, b] of [[at.begun, at.second] as const, [at.end, at.first] as const]) {
      const answer = JSON.parse((await ask('diff', String(a), String(b), '--json')).stdout);
      const made = await state(a);
      expect(applyPatch(made, answer.patch).filter(Boolean)).toEqual([]);
      expect(dumpText(made)).toBe(dumpText(await state(b)));
    }
  });

  it('says clearly what it cannot compare', async () => {
    const late = await past.cli('diff', '1', '100000');
    expect([late.exit, late.stdout]).toEqual([5, '']);
    expect(late.stderr).toMatch(/There is no event 100000; the last one is \d+\./);
    const unknown = await past.cli('diff', '1', 'head', '--deployment', 'localhost/none');
    expect(unknown.stderr).toContain('Nothing was ever deployed at localhost/none.');
  });
});

describe('timeline', () => {
  both('shows the releases of a deployment that is gone, in 100 columns', async (ask) => {
    const { exit, stdout } = await ask('timeline', 'localhost', '/demo');
    expect(exit).toBe(0);
    const rows = stdout.split('\n').filter((line) => /^ +\d+ {2}\d{4}-/.test(line));
    expect(rows.map((line) => line.trim().split(/ {2,}/).slice(2, 4))).toEqual([
      ['deploy', 'served'],
      ['redeploy', 'served'],
    ]);
    expect(Math.max(...rows.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(stdout).toMatch(/environment\.LOG_LEVEL {2}info → debug$/m);
    expect(stdout).toMatch(/deployment removed by admin:/);
    const answer = JSON.parse((await ask('timeline', 'localhost/demo', '--json')).stdout);
    expect(answer).toMatchObject({ deployment: 'localhost/demo', serving: null, releases: [{}, { release: 2 }] });
    expect(answer.releases[0].commit).toMatch(/^[0-9a-f]{40}$/);
  });

  it('says clearly what it cannot show', async () => {
    expect((await past.cli('timeline', 'localhost', '/none')).stderr).toContain('Nothing was ever deployed at');
    expect((await past.cli('timeline', 'localhost')).stderr).toContain('timeline takes a domain and a path');
  });
});
