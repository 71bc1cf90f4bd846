import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Desk } from '../desk.ts';
import { Folder, fingerprint, withServer } from './ground.ts';

async function exported(desk: Desk, ...more: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await desk.run(['cloud', 'export', '--dir', 'srv', ...more]);
  expect(exit, stderr).toBe(0);
  return stdout;
}

const parsed = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const problem = (stderr: string) => JSON.parse(stderr.trim().split('\n').at(-1) as string).error;

async function state(desk: Desk, dir: string): Promise<string> {
  return (await desk.run(['cloud', 'state', '--dir', dir, '--json'])).stdout;
}

describe('export', () => {
  it('writes a header, every event as it is stored, payloads before the events that name them, and a trailer', () =>
    Folder.use(60, async (folder, desk) => {
      const lines = parsed(await exported(desk));
      const head = await folder.head();
      expect(lines[0]).toMatchObject({ format: 'ploinky-export', v: 1, cloudId: 'c1', from: 1, to: 60, fork: null });
      expect(lines.at(-1)).toEqual({ trailer: { events: 60, blobs: 1, missing: [], head } });
      const history = await desk.run(['cloud', 'history', '--dir', 'srv', '--limit', '0', '--json']);
      expect(lines.filter((line) => 'seq' in line)).toEqual(parsed(history.stdout));
      const names = lines.at(-2).data.value.$blob;
      expect(lines.at(-3)).toEqual({ blob: names, text: JSON.stringify('p'.repeat(9_000)) });
    }));

  it('writes a file for its owner alone, or stdout for -', () =>
    Folder.use(20, async (_folder, desk) => {
      const { exit, stdout, stderr } = await desk.run(['cloud', 'export', 'all', '--dir', 'srv']);
      expect([exit, stdout], stderr).toEqual([0, '✓ Saved all: 20 events, from 1 to 20.\n']);
      expect((await stat(join(desk.folder, 'all'))).mode & 0o777).toBe(0o600);
      const events = (text: string) => parsed(text).slice(1);
      const file = await readFile(join(desk.folder, 'all'), 'utf8');
      expect(events(file)).toEqual(events(await exported(desk, '-')));
    }));

  it('writes a part, chained to the event before it', () =>
    Folder.use(60, async (_folder, desk) => {
      const all = parsed(await exported(desk));
      const part = parsed(await exported(desk, '--from', '10', '--to', '12'));
      expect(part[0]).toMatchObject({ from: 10, to: 12, previousHash: all[9].hash });
      expect(part.slice(1, -1)).toEqual(all.slice(10, 13));
    }));

  it.each([
    [['--from', '9', '--to', '4'], 5, 'Nothing lies between the events 9 and 4.'],
    [['--to', '61'], 5, 'There is no event 61; the last one is 60.'],
    [['--to', '2001-01-01T00:00:00Z'], 5, 'Nothing had happened at 2001-01-01'],
    [['--to', 'yesterday'], 1, 'neither an event'],
    [['nowhere/x'], 5, 'cannot be written'],
  ])('refuses %j with one sentence and writes nothing', (argv, code, words) =>
    Folder.use(60, async (_folder, desk) => {
      const { exit, stdout, stderr } = await desk.run(['cloud', 'export', '--dir', 'srv', ...argv]);
      expect([exit, stdout]).toEqual([code, '']);
      expect(stderr).toContain(words);
      expect((await readdir(desk.folder)).sort()).toEqual(['srv']);
    }),
  );
});

describe('import', () => {
  it('makes the same log again: hashes, state and payloads', () =>
    Folder.use(60, async (folder, desk) => {
      await writeFile(join(desk.folder, 'all'), await exported(desk));
      const { exit, stderr } = await desk.run(['cloud', 'import', 'all', '--dir', 'again']);
      expect(exit, stderr).toBe(0);
      const { seq, hash } = await folder.head();
      const argv = ['cloud', 'verify', '--dir', 'again', '--blobs', '--anchor', `${seq}:${hash}`];
      expect((await desk.run(argv)).exit).toBe(0);
      expect(await state(desk, 'again')).toBe(await state(desk, 'srv'));
      const of = async (dir: string) => parsed((await desk.run(['cloud', 'export', '--dir', dir])).stdout).slice(1);
      expect(await of('again')).toEqual(await of('srv'));
    }));

  it('reads stdin, also what a program wrote out again in its own way', () =>
    Folder.use(60, async (_folder, desk) => {
      const { exit, stderr } = await desk.run(['cloud', 'import', '-', '--dir', 'again'], {
        stdin: await exported(desk),
      });
      expect(exit, stderr).toBe(0);
      expect(await state(desk, 'again')).toBe(await state(desk, 'srv'));
    }));

  it('refuses what was cut off anywhere, saying how far it is good, and leaves nothing', () =>
    Folder.use(100, async (_folder, desk) => {
      const whole = await exported(desk);
      await fc.assert(
        // What is left without the last character, a line break, is whole.
        fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 2 }), async (length) => {
          const cut = whole.slice(0, length);
          const { exit, stderr } = await desk.run(['cloud', 'import', '-', '--dir', 'again', '--json'], { stdin: cut });
          const error = problem(stderr);
          const lines = cut.split('\n').slice(0, -1);
          if (lines.length === 0 && error.code === 'ARCHIVE_INVALID') expect(exit).toBe(5);
          else {
            expect([exit, error.code]).toEqual([1, 'ARCHIVE_DAMAGED']);
            const events = lines.filter((line) => line.startsWith('{"seq"')).length;
            // The last line may be whole but for its break.
            expect([events, events + 1]).toContain(error.details.good);
            expect(error.details.of).toBe(100);
          }
          expect(existsSync(join(desk.folder, 'again'))).toBe(false);
        }),
        { numRuns: 60 },
      );
    }));

  it('refuses what was changed anywhere, and leaves nothing', () =>
    Folder.use(100, async (_folder, desk) => {
      const whole = await exported(desk);
      const begin = whole.indexOf('\n') + 1;
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: begin, max: whole.length - 2 }), async (at) => {
          const changed = `${whole.slice(0, at)}${whole[at] === 'x' ? 'y' : 'x'}${whole.slice(at + 1)}`;
          const { exit, stderr } = await desk.run(['cloud', 'import', '-', '--dir', 'again', '--json'], {
            stdin: changed,
          });
          expect([exit, problem(stderr).code]).toEqual([1, 'ARCHIVE_DAMAGED']);
          expect(existsSync(join(desk.folder, 'again'))).toBe(false);
        }),
        { numRuns: 60 },
      );
    }));

  it('refuses what is missing an event, a payload or its beginning', () =>
    Folder.use(60, async (_folder, desk) => {
      const lines = (await exported(desk)).split('\n');
      const without = (pattern: RegExp) => lines.filter((line) => !pattern.test(line)).join('\n');
      for (const [input, words] of [
        [without(/^\{"seq":30,/), 'its event 30 is missing or was changed. It is good up to event 29 of 60'],
        [without(/^\{"blob"/), 'of event 60 is missing'],
        [await exported(desk, '--from', '10'), 'begins with event 10; a log begins with event 1'],
        ['{"seq":1}\n', 'The input from stdin is no export of Ploinky'],
        ['', 'The input from stdin is no export of Ploinky'],
      ] as const) {
        const { exit, stderr } = await desk.run(['cloud', 'import', '-', '--dir', 'again'], { stdin: input });
        expect(exit).not.toBe(0);
        expect(stderr).toContain(words);
        expect(existsSync(join(desk.folder, 'again'))).toBe(false);
      }
    }));

  it('imports only where no cloud is, and names a missing file', () =>
    Folder.use(20, async (folder, desk) => {
      const input = await exported(desk);
      const before = fingerprint(folder.data);
      const onto = await desk.run(['cloud', 'import', '-', '--dir', 'srv'], { stdin: input });
      expect([onto.exit, fingerprint(folder.data)]).toEqual([5, before]);
      expect((await desk.run(['cloud', 'import', 'nothing', '--dir', 'x'])).exit).toBe(5);
      expect((await desk.run(['cloud', 'import', 'nothing'])).exit).toBe(1);
    }));

  it('tells of payloads that were gone already, and goes on without them', () =>
    Folder.use(20, async (folder, desk) => {
      const blob = Object.keys(fingerprint(folder.data)).find((name) => name.startsWith('blobs/')) as string;
      await rm(join(folder.data, blob));
      const { stdout, stderr } = await desk.run(['cloud', 'export', '--dir', 'srv']);
      expect(stderr).toContain('Left out, since it cannot be read');
      expect((await desk.run(['cloud', 'import', '-', '--dir', 'again'], { stdin: stdout })).exit).toBe(0);
    }));
});

describe('export of a running server', () => {
  it('is the same as of its folder', () =>
    withServer(async (server, desk, admin) => {
      const online = await desk.run(['cloud', 'export', '--to', '5']);
      expect(online.exit, online.stderr).toBe(0);
      expect((await admin('/management/api/export?to=99999')).status).toBe(404);
      expect((await fetch(`${server.url}/management/api/export`)).status).toBe(401);
      await server.kill('SIGTERM');
      const offline = await desk.run(['cloud', 'export', '--to', '5', '--dir', 'srv']);
      expect(parsed(online.stdout).slice(1)).toEqual(parsed(offline.stdout).slice(1));
    }));
});
