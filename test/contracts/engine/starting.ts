import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Mount } from '../../../adapters/engine/engine-port.ts';
import { bind, type EngineGround, lasting, newName, soon } from './ground.ts';

/** Part of the contract of every engine: how containers begin, whose they are, and what secrets they get. */
export function starting(ground: EngineGround): void {
  const { spec, shell, run, start, stop, output, seen, wrote, ended, folder } = ground;

  describe('start', () => {
    test('runs the program with its labels on it', async () => {
      const wanted = spec();
      const started = await start(wanted);
      expect(started).toMatchObject({ adopted: false, hostPort: null });
      expect(await seen(wanted.name)).toEqual({
        name: wanted.name,
        engineId: started.engineId,
        deployment: 'localhost/demo',
        release: 7,
        specHash: wanted.specHash,
        status: 'running',
        exitCode: null,
        oomKilled: false,
        hostPort: null,
      });
    });

    test('adopts what runs with the same spec', async () => {
      const wanted = spec();
      const first = await start(wanted);
      expect(await start(wanted)).toEqual({ ...first, adopted: true });
    });

    test('adopts for the next server too, and that one ends it', async () => {
      const wanted = spec();
      const first = await start(wanted);
      await wrote(wanted.name, 'up');
      const next = await ground.fixture.makeEngineAgain();
      expect(await next.start(wanted, soon())).toEqual({ ...first, adopted: true });
      expect(await seen(wanted.name, next)).toMatchObject({ engineId: first.engineId, status: 'running' });
      expect(await next.stop(wanted.name, { graceMs: 30_000, signal: soon() })).toEqual({ exitCode: 0 });
      expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: 0 });
      await next.close();
    });

    test('ten times at the same moment makes one', async () => {
      const shared = folder('at-once');
      const wanted = shell(`echo begun >> /shared/begun; ${lasting}`, { mounts: [bind(shared, '/shared')] });
      const all = await Promise.all([...Array(10).keys()].map(() => start(wanted)));
      expect(all.filter((one) => !one.adopted)).toHaveLength(1);
      expect(new Set(all.map((one) => one.engineId)).size).toBe(1);
      await wrote(wanted.name, 'up');
      expect(readFileSync(path.join(shared, 'begun'), 'utf8')).toBe('begun\n');
    });

    test('replaces what runs with another spec', async () => {
      const shared = folder('replaced');
      const mounts = [bind(shared, '/shared')];
      const old = shell(`echo up; while :; do echo old > /shared/who; sleep 0.05; done`, { mounts });
      const first = await start(old);
      await wrote(old.name, 'up');
      const changed = shell(`echo new > /shared/who; ${lasting}`, { name: old.name, mounts });
      const second = await start(changed);
      expect(second.adopted).toBe(false);
      expect(second.engineId).not.toBe(first.engineId);
      await wrote(old.name, 'up');
      expect(readFileSync(path.join(shared, 'who'), 'utf8')).toBe('new\n');
      expect(await seen(old.name)).toMatchObject({ engineId: second.engineId, specHash: changed.specHash });
    });

    test('replaces what has ended', async () => {
      const wanted = spec();
      const first = await start(wanted);
      await stop(wanted.name, 30_000);
      const second = await start(wanted);
      expect(second.adopted).toBe(false);
      expect(second.engineId).not.toBe(first.engineId);
      expect(await seen(wanted.name)).toMatchObject({ status: 'running', exitCode: null });
    });

    test('of a program that does not exist fails, or ends with 127, and says which', async () => {
      const wanted = spec({ command: ['/no/such/program'] });
      const problem = await start(wanted).then(
        () => null,
        (error: unknown) => error,
      );
      if (problem !== null) {
        expect(problem).toMatchObject({ code: 'START_FAILED', message: expect.stringContaining('/no/such/program') });
        expect(await seen(wanted.name)).toBeUndefined();
        return;
      }
      await ended(wanted.name);
      expect(await seen(wanted.name)).toMatchObject({ exitCode: 127 });
      expect(await output(wanted.name)).toContain('/no/such/program');
    });

    test('publishes a port on loopback and knows it again', async () => {
      const network = newName();
      await ground.engine.networks?.ensure(
        { name: network, deployment: 'localhost/demo' },
        { create: true, signal: soon() },
      );
      const wanted = spec({ publishPort: 7070, network });
      const started = await start(wanted);
      expect(started.hostPort).toBeGreaterThan(0);
      expect(started.hostPort).toBeLessThan(65_536);
      const next = await ground.fixture.makeEngineAgain();
      expect((await next.start(wanted, soon())).hostPort).toBe(started.hostPort);
      expect((await seen(wanted.name, next))?.hostPort).toBe(started.hostPort);
      await next.close();
    });

    test.each(['../outside', 'a/b', '.hidden', '', '-rf', 'nul\0', 'x'.repeat(300)])(
      'refuses the name %j',
      async (name) => {
        await expect(start(spec({ name }))).rejects.toMatchObject({
          code: expect.stringMatching(/^(START_FAILED|ENGINE_FAILED)$/),
        });
        expect(await stop(name, 0)).toBeNull();
        expect(await ground.engine.remove(name, soon())).toBe(false);
        expect(await output(name)).toBe('');
      },
    );
  });

  describe('a secret', () => {
    // It looks like a path that a mount stands for, and holds what a shell would read as its own.
    const value = 'a:/shared/$HOME `x` "y" \'z\' \\n';
    const secrets = { TOKEN: value };

    test('reaches the program as it is, in place of what stands for it', async () => {
      const mounts: Mount[] = [{ kind: 'bind', source: folder('given'), target: '/shared', readOnly: false }];
      const environment = { TOKEN: 'secret:token@1', PLAIN: 'yes' };
      const { output: said } = await run('printf "%s|%s" "$TOKEN" "$PLAIN"', { environment, secrets, mounts });
      expect(said).toBe(`${value}|yes`);
    });

    test('is no part of hash, labels or what inspect tells', async () => {
      const plain = spec({ environment: { TOKEN: 'secret:token@1' } });
      const wanted = spec({ name: plain.name, environment: { TOKEN: 'secret:token@1' }, secrets });
      expect(wanted.specHash).toBe(plain.specHash);
      await start(wanted);
      expect((await start(plain)).adopted).toBe(true);
      const told = JSON.stringify([await ground.engine.inspect(wanted.name, soon()), await ground.engine.list(soon())]);
      expect(told).toContain(wanted.name);
      expect(told).not.toContain('shared');
      await ground.engine.remove(wanted.name, soon());
    });
  });

  describe('what is not ours', () => {
    test('of another cloud is never listed, stopped, removed, read or replaced', async () => {
      const { engine: other, cloudId } = ground.fixture.otherCloud;
      const theirs = spec({}, cloudId);
      await other.start(theirs, soon());
      expect(await seen(theirs.name)).toBeUndefined();
      expect(await stop(theirs.name, 0)).toBeNull();
      expect(await ground.engine.remove(theirs.name, soon())).toBe(false);
      expect(await output(theirs.name)).toBe('');
      const ours = spec({ name: theirs.name });
      await expect(start(ours)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      await expect(ground.engine.runOnce(ours, { signal: soon() })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      expect(await seen(theirs.name, other)).toMatchObject({ status: 'running', specHash: theirs.specHash });
      expect(await other.remove(theirs.name, soon())).toBe(true);
    });

    test('of nobody at all keeps its name and goes on', async (context) => {
      context.skip(ground.fixture.makeForeign === null, 'nothing else can have a name in this engine');
      const wanted = spec();
      const foreign = await ground.fixture.makeForeign?.(wanted.name);
      await expect(start(wanted)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      expect(await stop(wanted.name, 0)).toBeNull();
      expect(await ground.engine.remove(wanted.name, soon())).toBe(false);
      expect(await foreign?.isRunning()).toBe(true);
    });
  });
}
