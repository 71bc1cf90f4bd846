import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { beating, bind, deaf, type EngineGround, eventually, lasting, newName, readIfThere, soon } from './ground.ts';

/** Part of the contract of every engine: how containers rest, end and go. */
export function ending(ground: EngineGround): void {
  const { spec, shell, run, start, stop, output, seen, wrote, ended, folder } = ground;

  describe('resuming', () => {
    test('is harmless where nobody paused anything, and touches nothing that is not ours', async () => {
      const wanted = spec();
      await start(wanted);
      expect(await ground.engine.resume(wanted.name, soon())).toBe(true);
      expect(await ground.engine.resume(newName(), soon())).toBe(false);
      const other = spec({}, ground.fixture.otherCloud.cloudId);
      await ground.fixture.otherCloud.engine.start(other, soon());
      expect(await ground.engine.resume(other.name, soon())).toBe(false);
    });
  });

  describe('stop', () => {
    test('asks first, and tells the exit code then and later', async () => {
      const wanted = shell('trap "echo bye; exit 3" TERM; echo up; while :; do sleep 0.05; done');
      await start(wanted);
      await wrote(wanted.name, 'up');
      expect(await stop(wanted.name, 30_000)).toEqual({ exitCode: 3 });
      expect(await output(wanted.name)).toBe('up\nbye\n');
      expect(await stop(wanted.name, 30_000)).toEqual({ exitCode: 3 });
      expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: 3 });
    });

    test('lets a program behind a shell finish its work', async () => {
      const shared = folder(newName());
      const finishing = 'trap "sleep 0.3; echo finished > work; exit 0" TERM; echo up; while :; do sleep 0.05; done';
      writeFileSync(path.join(shared, 'program'), finishing);
      const wanted = shell('sh ./program', { mounts: [bind(shared, '/shared')], workingDirectory: '/shared' });
      await start(wanted);
      await wrote(wanted.name, 'up');
      expect(await stop(wanted.name, 30_000)).toEqual({ exitCode: 0 });
      expect(readIfThere(path.join(shared, 'work'))).toBe('finished\n');
    });

    test.each([0, 200])('kills after %d ms what does not listen', async (graceMs) => {
      const wanted = shell(deaf);
      await start(wanted);
      await wrote(wanted.name, 'up');
      expect(await stop(wanted.name, graceMs)).toEqual({ exitCode: 137 });
      expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: 137 });
    });

    test.each([
      ['a child that does not listen', `(trap "" TERM; ${beating}) & ${lasting}`],
      ['a grandchild whose parent has ended', `(trap "" TERM; (${beating}) & exit 0); ${lasting}`],
    ])('leaves nothing running: %s', async (_, program) => {
      const shared = folder(newName());
      const wanted = shell(program, { mounts: [bind(shared, '/shared')] });
      await start(wanted);
      const beat = path.join(shared, 'beat');
      await eventually(async () => readIfThere(beat) !== '');
      await stop(wanted.name, 5_000);
      rmSync(beat);
      // Long enough for a survivor to write again.
      await run('sleep 0.5');
      expect(readIfThere(beat)).toBe('');
    });

    test('of what was never there is null', async () => {
      expect(await stop(newName(), 0)).toBeNull();
      expect(await ground.engine.remove(newName(), soon())).toBe(false);
      expect(await output(newName())).toBe('');
    });
  });

  describe('remove', () => {
    test('takes away what runs and what has ended', async () => {
      const running = spec();
      const short = shell('exit 5');
      await start(running);
      await start(short);
      await ended(short.name);
      for (const { name } of [running, short]) {
        expect(await ground.engine.remove(name, soon())).toBe(true);
        expect(await seen(name)).toBeUndefined();
        expect(await output(name)).toBe('');
        expect(await ground.engine.remove(name, soon())).toBe(false);
      }
    });
  });

  describe('list and output', () => {
    test('tell how something ended', async () => {
      const wanted = shell('echo one; echo two >&2; exit 5');
      await start(wanted);
      await ended(wanted.name);
      expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: 5, oomKilled: false });
      expect((await output(wanted.name)).split('\n').sort()).toEqual(['', 'one', 'two']);
    });

    test('give the last lines only', async () => {
      const wanted = shell('echo one; echo two; echo drei ✓; echo four');
      await start(wanted);
      await ended(wanted.name);
      expect(await output(wanted.name, 2)).toBe('drei ✓\nfour\n');
    });
  });
}
