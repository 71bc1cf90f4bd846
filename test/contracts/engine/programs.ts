import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Mount } from '../../../adapters/engine/engine-port.ts';
import { bind, type EngineGround, newName, soon } from './ground.ts';

/** Part of the contract of every engine: what a program and a command beside it find around them. */
export function programs(ground: EngineGround): void {
  const { spec, shell, run, start, seen, ended, folder } = ground;

  describe('a command beside the program', () => {
    const exec = (name: string, command: string, timeoutMs = 20_000) =>
      ground.engine.exec(name, command, { timeoutMs, signal: soon() });

    test('runs in its environment and folder, and tells how it ended and what it said', async () => {
      const mounts: Mount[] = [{ kind: 'bind', source: folder('beside'), target: '/shared', readOnly: false }];
      const wanted = spec({ environment: { COLOUR: 'a b$' }, workingDirectory: '/shared', mounts });
      await start(wanted);
      await exec(wanted.name, 'echo "$COLOUR" >here');
      expect(readFileSync(path.join(ground.fixture.tempFolder, 'beside', 'here'), 'utf8')).toBe('a b$\n');
      expect(await exec(wanted.name, 'test -f /shared/here && echo out; echo err >&2; exit 3')).toEqual({
        exitCode: 3,
        output: expect.stringMatching(/^(out\nerr|err\nout)\n$/),
      });
      expect(await seen(wanted.name)).toMatchObject({ status: 'running' });
    });

    test('is ended when it takes too long, and leaves what it said', async () => {
      const wanted = spec();
      await start(wanted);
      const { exitCode, output } = (await exec(wanted.name, 'echo begun; sleep 600', 500)) ?? {};
      expect({ exitCode, output }).toEqual({ exitCode: null, output: 'begun\n' });
      expect(await exec(wanted.name, 'exit 0')).toMatchObject({ exitCode: 0 });
    });

    test('is not run beside what has ended, is not there or belongs to another cloud', async () => {
      const wanted = shell('exit 0');
      await start(wanted);
      await ended(wanted.name);
      expect(await exec(wanted.name, 'exit 0')).toBeNull();
      expect(await exec(newName(), 'exit 0')).toBeNull();
      const other = spec({}, ground.fixture.otherCloud.cloudId);
      await ground.fixture.otherCloud.engine.start(other, soon());
      expect(await exec(other.name, 'exit 0')).toBeNull();
    });
  });

  describe('inspect', () => {
    test('tells what runs: image, labels, and the names of its variables without a value', async () => {
      const wanted = spec({ environment: { GREETING: 'never shown', EMPTY: '' } });
      const { engineId } = await start(wanted);
      const seen = await ground.engine.inspect(wanted.name, soon());
      expect(seen).toMatchObject({ name: wanted.name, engineId, status: 'running', labels: wanted.labels });
      if (ground.fixture.image === null) expect(seen?.imageId).toBeNull();
      else {
        const { imageId } = await ground.engine.resolveImage(ground.fixture.image, { signal: soon() });
        expect(seen?.imageId).toBe(imageId);
      }
      expect(seen?.environment).toEqual(expect.arrayContaining(['EMPTY', 'GREETING']));
      expect(seen?.environment).toEqual([...(seen?.environment ?? [])].sort());
      expect(JSON.stringify(seen)).not.toContain('never shown');
    });

    test('tells that it has ended', async () => {
      const wanted = shell('exit 3');
      await start(wanted);
      await ended(wanted.name);
      expect(await ground.engine.inspect(wanted.name, soon())).toMatchObject({
        status: 'exited',
        labels: wanted.labels,
      });
    });

    test('knows nothing of what is not there, or of another cloud', async () => {
      expect(await ground.engine.inspect(newName(), soon())).toBeNull();
      expect(await ground.engine.inspect('../elsewhere', soon())).toBeNull();
      const wanted = spec();
      await start(wanted);
      expect(await ground.fixture.otherCloud.engine.inspect(wanted.name, soon())).toBeNull();
    });
  });

  describe('a program', () => {
    test('gets its arguments as they are', async () => {
      const strange = ['$HOME', 'a  b', '"', "'", '`id`', '$(id)', '\\', '*', '', '-n', 'ü\n✓', ';', '&&'];
      const command = ['sh', '-c', 'for one in "$@"; do printf "<%s>" "$one"; done', 'name', ...strange];
      const outcome = await ground.engine.runOnce(spec({ command }), { signal: soon() });
      expect(outcome).toEqual({ exitCode: 0, output: strange.map((one) => `<${one}>`).join('') });
    });

    test('gets its environment as it is, and nothing secret of the server', async () => {
      process.env.PLOINKY_CONTRACT_SECRET = 'of-the-server';
      const environment = { A: 'with = and space', B: '', C: 'zwei\nlines ✓', D: "it's $HOME `id` \\" };
      const outcome = await run('printf "%s|%s|%s|%s|" "$A" "$B" "$C" "$D"; env', { environment });
      delete process.env.PLOINKY_CONTRACT_SECRET;
      expect(outcome.output).toContain("with = and space||zwei\nlines ✓|it's $HOME `id` \\|");
      expect(outcome.output).not.toContain('of-the-server');
      expect(outcome.output).not.toContain('NODE_EXTRA_CA_CERTS');
    });

    test('begins in its folder, and reads and writes what is mounted', async () => {
      const shared = folder('mounted');
      writeFileSync(path.join(shared, 'in'), 'from outside');
      const changes = {
        mounts: [bind(shared, '/shared')],
        workingDirectory: '/shared',
        environment: { PLACE: '/shared' },
      };
      const outcome = await run('cat in; cat /shared/in; cat "$PLACE/in"; echo inside > /shared/out', changes);
      expect(outcome).toEqual({ exitCode: 0, output: 'from outside'.repeat(3) });
      expect(readFileSync(path.join(shared, 'out'), 'utf8')).toBe('inside\n');
    });

    test('finds in a named volume what an earlier one left there', async () => {
      const name = newName();
      const mounts: Mount[] = [{ kind: 'volume', source: name, target: '/data', readOnly: false }];
      expect((await run('echo kept > /data/file', { mounts })).exitCode).toBe(0);
      expect(await run('cat /data/file', { mounts })).toEqual({ exitCode: 0, output: 'kept\n' });
    });

    test('cannot write what is mounted for reading, where the engine can hold it', async (context) => {
      context.skip(!ground.fixture.supports.readOnlyMounts, 'this engine does not enforce it');
      const mounts = [{ ...bind(folder('for-reading'), '/shared'), readOnly: true }];
      expect((await run('echo hello > /shared/file', { mounts })).exitCode).not.toBe(0);
    });

    test('has no network where it shall have none, where the engine can hold it', async (context) => {
      context.skip(!ground.fixture.supports.networkNone, 'this engine does not enforce it');
      expect((await run('cat /proc/net/dev', { network: 'none' })).output).not.toContain('eth0');
    });

    test('sees nothing of the machine but what is mounted, where the engine can hold it', async (context) => {
      context.skip(!ground.fixture.supports.isolation, 'this engine does not enforce it');
      const place = folder('unseen');
      expect((await run(`ls "$PLACE"`, { environment: { PLACE: place } })).exitCode).not.toBe(0);
    });

    test('needs a mounted folder that is there', async () => {
      const mounts = [bind(path.join(ground.fixture.tempFolder, 'missing'), '/shared')];
      await expect(run('true', { mounts })).rejects.toMatchObject({ code: 'START_FAILED' });
    });
  });
}
