import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { bind, type EngineGround, soon } from './ground.ts';

/** Part of the contract of every engine: what it is, the images it has, and what runs to its end. */
export function imagesAndRuns(ground: EngineGround): void {
  const { spec, shell, run, start, seen, folder } = ground;

  describe('an engine', () => {
    test('says who it is', async () => {
      expect(['docker', 'podman', 'process']).toContain(ground.engine.name);
      expect(ground.engine.endpoint).not.toBe('');
      expect(await ground.engine.version(soon())).toMatch(/\d+\.\d+/);
    });

    test('resolves an image to what it will run', async () => {
      const resolved = await ground.engine.resolveImage(ground.fixture.image, { signal: soon() });
      if (ground.fixture.image === null) expect(resolved).toEqual({ reference: null, imageId: null, digest: null });
      else
        expect(resolved).toMatchObject({ reference: ground.fixture.image, imageId: expect.stringMatching(/^sha256:/) });
    });

    test('makes an image of this machine where it runs images', async () => {
      const made = await ground.engine.importHostImage(soon());
      if (ground.fixture.image === null) expect(made).toEqual({ reference: null, imageId: null, digest: null });
      else expect(made).toMatchObject({ reference: expect.stringMatching(/^localhost\/ploinky-host-node:\d+$/) });
    });

    test('settles at once when the caller has given up', async () => {
      const given = AbortSignal.abort();
      const { name } = spec();
      const calls = [
        ground.engine.list(given),
        ground.engine.start(spec(), given),
        ground.engine.runOnce(spec(), { signal: given }),
        ground.engine.stop(name, { graceMs: 0, signal: given }),
        ground.engine.remove(name, given),
        ground.engine.inspect(name, given),
      ];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
    });
  });

  describe('images', () => {
    const unknown = `sha256:${'0'.repeat(64)}`;

    test('are listed with who uses them, and never removed by force', async () => {
      if (ground.fixture.image === null) {
        expect(await ground.engine.images(soon())).toEqual([]);
        return;
      }
      const { imageId } = await ground.engine.resolveImage(ground.fixture.image, { signal: soon() });
      const { name } = spec();
      await start(spec({ name }));
      const used = (await ground.engine.images(soon())).find(({ id }) => id === imageId);
      expect(used).toMatchObject({ inUse: true, bytes: expect.any(Number) });
      expect(used?.tags.length).toBeGreaterThan(0);
      await expect(ground.engine.removeImage(imageId ?? '', soon())).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
      expect((await ground.engine.images(soon())).map(({ id }) => id)).toContain(imageId);
      expect(await ground.engine.remove(name, soon())).toBe(true);
    });

    test('that are not there need no removal', async () => {
      expect(await ground.engine.removeImage(unknown, soon())).toBe(false);
    });
  });

  describe('runOnce', () => {
    test('tells exit code and output, and leaves nothing', async () => {
      const wanted = shell('echo one; echo two >&2; exit 12');
      const pieces: string[] = [];
      const outcome = await ground.engine.runOnce(wanted, { signal: soon(), onOutput: (piece) => pieces.push(piece) });
      expect(outcome.exitCode).toBe(12);
      expect(outcome.output.split('\n').sort()).toEqual(['', 'one', 'two']);
      expect(pieces.join('')).toBe(outcome.output);
      expect(await seen(wanted.name)).toBeUndefined();
    });

    test('hands the output on while the program runs', async () => {
      const shared = folder('while');
      const go = path.join(shared, 'go');
      const wanted = shell('echo first; while [ ! -e /shared/go ]; do sleep 0.05; done; echo last', {
        mounts: [bind(shared, '/shared')],
      });
      let soFar = '';
      const outcome = await ground.engine.runOnce(wanted, {
        signal: soon(),
        onOutput: (piece) => {
          soFar += piece;
          if (soFar === 'first\n') writeFileSync(go, '');
        },
      });
      expect(outcome).toEqual({ exitCode: 0, output: 'first\nlast\n' });
    });

    test('keeps the last 64 KiB of much output', async () => {
      const outcome = await run('i=0; while [ $i -lt 9000 ]; do i=$((i+1)); echo "line number $i"; done');
      expect(Buffer.byteLength(outcome.output)).toBeLessThanOrEqual(64 * 1024);
      expect(Buffer.byteLength(outcome.output)).toBeGreaterThan(60 * 1024);
      expect(outcome.output.endsWith('line number 8999\nline number 9000\n')).toBe(true);
    });

    test('removes first what a crash left behind under its name', async () => {
      const left = spec();
      await start(left);
      const wanted = shell('echo done', { name: left.name });
      expect(await ground.engine.runOnce(wanted, { signal: soon() })).toEqual({ exitCode: 0, output: 'done\n' });
      expect(await seen(left.name)).toBeUndefined();
    });

    test('ends and cleans up when the caller gives up', async () => {
      const wanted = spec();
      const caller = new AbortController();
      const running = ground.engine.runOnce(wanted, { signal: caller.signal, onOutput: () => caller.abort() });
      await expect(running).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
      expect(await seen(wanted.name)).toBeUndefined();
    });
  });
}
