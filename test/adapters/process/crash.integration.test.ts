import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../cli/package-root.ts';
import { crashSpec, killAllOf, programsOf } from './crash-spec.ts';
import { makeProcessFixture } from './process-fixture.ts';

const rounds = 20;
const longestLifeMs = 250;
const names = ['one', 'two', 'three', 'four', 'five'];
const soon = () => AbortSignal.timeout(60_000);
/** Compiled: a process of its own runs no TypeScript. */
const busyServer = path.join(packageRoot(), 'dist', 'test', 'adapters', 'process', 'busy-server.js');

describe.runIf(existsSync('/proc/self/environ'))('a server that is killed while it starts and stops processes', () => {
  test('leaves never two of a name, none that is not in the list, and the next one has all in hand', {
    timeout: 300_000,
  }, async () => {
    const seed = Number(process.env.PLOINKY_SEED ?? Date.now() % 1_000_000);
    const random = generator(seed);
    const fixture = await makeProcessFixture();
    const { stateFolder, cloudId } = fixture;
    const run = randomBytes(6).toString('hex');
    const bystander = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const other = crashSpec({ name: 'theirs', cloudId: fixture.otherCloud.cloudId, run, version: 'theirs' });
    try {
      const theirs = await fixture.otherCloud.engine.start(other, soon());
      for (let round = 1; round <= rounds; round += 1) {
        const args = [stateFolder, cloudId, run, String(seed + round), ...names];
        const server = fork(busyServer, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
        const ended = once(server, 'exit');
        await Promise.race([once(server, 'message'), ended]);
        await new Promise((resolve) => setTimeout(resolve, random() * longestLifeMs));
        server.kill('SIGKILL');
        expect(await ended, 'it ran until it was killed').toEqual([null, 'SIGKILL']);

        const next = await fixture.makeEngineAgain();
        const listed = async () =>
          (await next.list(soon())).filter((one) => one.status === 'running').map((one) => one.name);
        // A shim that is still on its way may begin now, and is in the list then.
        await eventually(async () => {
          const before = await listed();
          const running = programsOf(run).map((one) => one.split(' ')[0] ?? '');
          expect(running, 'never two of a name').toEqual([...new Set(running)]);
          const expected = [...running].filter((name) => name !== 'theirs');
          return String([...before].sort()) === String(expected.sort());
        });
        if (round % 2 === 0) await Promise.all(names.map((name) => next.remove(name, soon())));
        else {
          const version = `new-${round}`;
          await Promise.all(names.map((name) => next.start(crashSpec({ name, cloudId, run, version }), soon())));
          // Strict from here on: what the dead server had begun is gone when the next one has started its own.
          await eventually(async () => programsOf(run).length === names.length + 1);
          const expected = [...names.map((name) => `${name} ${version}`), 'theirs theirs'];
          expect(programsOf(run)).toEqual(expected.sort());
          expect((await listed()).sort()).toEqual([...names].sort());
        }
        if (round % 2 === 0) expect(programsOf(run)).toEqual(['theirs theirs']);
        await next.close();
      }
      await Promise.all(names.map((name) => fixture.engine.remove(name, soon())));
      expect(programsOf(run)).toEqual(['theirs theirs']);
      expect(await fixture.otherCloud.engine.start(other, soon())).toEqual({ ...theirs, adopted: true });
      expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
      expect(readdirSync(stateFolder)).toEqual(['theirs']);
    } catch (error) {
      throw new Error(`with PLOINKY_SEED=${seed}: ${(error as Error).message}`, { cause: error });
    } finally {
      bystander.kill('SIGKILL');
      await fixture.cleanUp();
      killAllOf(run);
    }
  });
});

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Mulberry32: the same seed gives the same moments. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
