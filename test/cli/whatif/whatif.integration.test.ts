import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseInserted } from '../../../cli/whatif/read-inserted.ts';
import { openLevelLog } from '../../../core/log/level-log.ts';
import { folderOf, twoReleases } from '../../history/recorded.ts';
import { fingerprint, withServer } from '../archive/ground.ts';
import { Desk } from '../desk.ts';

const story = twoReleases();
const [name = ''] = story.views.containers.keys();
const exited = {
  type: 'container.exited',
  stream: `container:${name}`,
  data: { exitCode: 1, signal: null, oomKilled: false, output: '', reason: 'ended' },
};

const withFolder = (work: (desk: Desk, data: string) => Promise<void>) =>
  Desk.use(async (desk) => work(desk, await folderOf(desk, story)));

/** Everything that Ploinky wrote; what the database notes of its own openings is not history. */
function written(data: string): Record<string, string> {
  const all = fingerprint(data);
  return Object.fromEntries(Object.entries(all).filter(([path]) => !path.startsWith('log/') && path !== 'holder.json'));
}

describe('whatif', () => {
  it('tells in words what would be, and changes neither log nor folder', () =>
    withFolder(async (desk, data) => {
      const before = written(data);
      await desk.write('exit.json', [exited]);
      const { exit, stdout } = await desk.run([
        'cloud',
        'whatif',
        '--at',
        'head',
        '--insert',
        'exit.json',
        '--dir',
        'srv',
      ]);
      expect(exit).toBe(0);
      expect(stdout).toContain(
        `What if, at event ${story.events.length}\n  but ${story.events.length + 1}  container.exited`,
      );
      expect(stdout).toContain('    status  "healthy" → "exited"\n');
      expect(stdout).toContain(`would begin      start the container ${name} of localhost/demo#2, attempt 2`);
      expect(stdout).toContain('Nothing was stored, and nothing was begun.');
      expect(written(data)).toEqual(before);
      const log = await openLevelLog({ folder: data, holder: 'test', readOnly: true });
      await log.close();
      expect(log.head().seq).toBe(story.events.length);
    }));

  it('drops several events, and lists what could not follow', () =>
    withFolder(async (desk) => {
      const argv = ['cloud', 'whatif', '--at', 'head', '--drop', '8,9', '--drop', '10', '--dir', 'srv'];
      const json = JSON.parse((await desk.run([...argv, '--json'])).stdout);
      expect(json.dropped.map(({ seq }: { seq: number }) => seq)).toEqual([8, 9, 10]);
      const { stdout } = await desk.run(argv);
      expect(stdout).toContain(`Could not follow (${json.couldNotFollow.count})`);
    }));

  it('asks a server, whose log stays as it is', () =>
    withServer(async (server, desk, admin) => {
      // The examples are fetched at the first start; files that come and go are not what is looked at here.
      expect((await admin('/management/api/repositories/PloinkyDemo/sync', {})).status).toBe(200);
      await admin('/management/api/settings', { serverName: 'another' });
      const head = async () => {
        const { seq, hash } = (await (await admin('/management/api/state')).json()) as { seq: number; hash: string };
        return { seq, hash };
      };
      const before = await head();
      const files = written(join(server.dir, '.ploinky-cloud'));
      await writeFile(
        join(desk.folder, 'more.ndjson'),
        '{"type":"domain.added","stream":"domain:x.test","data":{"name":"x.test"}}\n',
      );
      const argv = [
        'cloud',
        'whatif',
        '--at',
        'head',
        '--drop',
        String(before.seq),
        '--insert',
        'more.ndjson',
        '--json',
      ];
      const { exit, stdout, stderr } = await desk.run(argv);
      expect(exit, stderr).toBe(0);
      const answer = JSON.parse(stdout);
      expect(answer.inserted).toMatchObject([{ type: 'domain.added' }]);
      expect(answer.changes).toContainEqual(expect.objectContaining({ projection: 'domains', key: 'x.test' }));
      const later = await admin(`/management/api/history?from=${before.seq}`);
      const [last, ...more] = (await later.text())
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(last.hash).toBe(before.hash);
      for (const { actor } of more) expect(actor).toMatch(/^system:/);
      // The server lives on: it writes its own log, moves the head marker, fetches repositories.
      const moving = /^(logs|repos|bundled|run)\/|^head\.json$/;
      const kept = (all: Record<string, string>) => Object.entries(all).filter(([path]) => !moving.test(path));
      expect(kept(written(join(server.dir, '.ploinky-cloud')))).toEqual(kept(files));
      const refused = await admin('/management/api/past/whatif', { at: 'head', insert: [{ type: 'x' }] });
      expect(refused.status).toBe(400);
      expect((await fetch(`${server.url}/management/api/past/whatif`, { method: 'POST' })).status).toBe(401);
    }));

  it.each([
    [['--drop', '1'], 'Say with --at which moment'],
    [['--at', 'head'], 'Say what is to be different'],
    [['--at', 'head', '--drop', 'x'], '--drop takes numbers of events, not "x".'],
    [['--at', 'yesterday', '--drop', '1'], '"yesterday" is neither'],
    [['--at', '4', '--drop', '5'], 'Event 5, which is to be dropped, comes after event 4'],
    [['--at', 'head', '--insert', 'none.json'], '"none.json" cannot be read'],
  ])('says in one sentence what is wrong with %j', (argv, sentence) =>
    withFolder(async (desk) => {
      const { exit, stdout, stderr } = await desk.run(['cloud', 'whatif', ...argv, '--dir', 'srv']);
      expect([exit === 0, stdout]).toEqual([false, '']);
      expect(stderr).toContain(sentence);
    }),
  );
});

describe('a file of events', () => {
  const good = JSON.stringify(exited);

  it.each([
    ['one a line', `${good}\n\n${good}\n`],
    ['an array', JSON.stringify([exited, exited])],
    ['an array over many lines', JSON.stringify([exited, exited], null, 2)],
  ])('may be %s', (_what, text) => expect(parseInserted(text, 'f')).toEqual([exited, exited]));

  it.each([
    [`${good}\n{"type":"a.b"}\n`, 'f, line 2: There is no event type "a.b".'],
    [`\n\n${good.slice(0, -1)}\n`, 'f, line 3: This is no JSON at the end of the file.'],
    [`[\n${good},\n{"type":\n"a.b"}]`, 'f, line 3: There is no event type "a.b".'],
    [`[\n${good},\n]`, 'f, line 3: This is no JSON at "]".'],
    [`[${good},{},\n3]`, 'f, line 1: An event has a type.'],
    [`[${good},\n\n3]`, 'f, line 3: An event is an object.'],
    ['12', 'f, line 1: An event is an object.'],
  ])('names the line: %j', (text, sentence) => {
    expect(() => parseInserted(text, 'f')).toThrow(sentence);
  });
});
