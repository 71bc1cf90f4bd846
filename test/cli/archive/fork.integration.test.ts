import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLevelLog } from '../../../core/log/level-log.ts';
import { Operator } from '../../crash/operator.ts';
import { ServerProcess } from '../../crash/server-process.ts';
import { expectProblem, Ground } from '../../trouble/ground.ts';
import { Desk } from '../desk.ts';
import { Folder, fingerprint } from './ground.ts';

async function stateOf(desk: Desk, dir: string, ...more: readonly string[]): Promise<{ seq: number; hash: string }> {
  const { exit, stdout, stderr } = await desk.run(['cloud', 'state', '--dir', dir, '--json', ...more]);
  expect(exit, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe('fork of a folder', () => {
  it('holds the history up to that moment with the same hashes, and says what it is a fork of', () =>
    Folder.use(60, async (folder, desk) => {
      const argv = ['cloud', 'fork', '--at', '30', '--dir', 'then', '--from-dir', 'srv', '--json'];
      const { exit, stdout, stderr } = await desk.run(argv);
      expect(exit, stderr).toBe(0);
      const then = await stateOf(desk, 'srv', '--at', '30');
      expect(await stateOf(desk, 'then')).toEqual(then);
      expect(JSON.parse(stdout)).toMatchObject({ cloudId: 'c1', head: { seq: 30, hash: then.hash } });
      const log = await openLevelLog({
        folder: join(desk.folder, 'then/.ploinky-cloud'),
        holder: 'test',
        readOnly: true,
      });
      const original = await openLevelLog({ folder: folder.data, holder: 'test', readOnly: true });
      await Promise.all([log.close(), original.close()]);
      expect(log.format.fork).toMatchObject({ logId: original.format.logId, seq: 30, hash: then.hash });
      expect(log.format.logId).not.toBe(original.format.logId);
      const anchor = `30:${then.hash}`;
      expect((await desk.run(['cloud', 'verify', '--dir', 'then', '--anchor', anchor])).exit).toBe(0);
    }));

  it('stays a fork in a backup and in an export', () =>
    Folder.use(60, async (_folder, desk) => {
      await desk.run(['cloud', 'fork', '--at', 'head', '--dir', 'a', '--from-dir', 'srv']);
      await desk.run(['cloud', 'backup', 'b', '--dir', 'a']);
      await desk.run(['cloud', 'restore', 'b', '--dir', 'c']);
      await desk.run(['cloud', 'export', 'd', '--dir', 'c']);
      await desk.run(['cloud', 'import', 'd', '--dir', 'e']);
      const log = await openLevelLog({ folder: join(desk.folder, 'e/.ploinky-cloud'), holder: 'test', readOnly: true });
      await log.close();
      expect(log.format.fork).toMatchObject({ seq: 60 });
      expect((await desk.run(['cloud', 'verify', '--dir', 'e', '--blobs'])).exit).toBe(0);
    }));

  it.each([
    [['--at', '30'], 1, '--dir'],
    [['--dir', 'then'], 1, '--at'],
    [['--dir', 'then', '--at', '61'], 5, 'There is no event 61'],
    [['--dir', 'then', '--at', '0'], 5, 'Nothing lies between'],
    [['--dir', 'then', '--at', 'soon'], 1, 'neither an event'],
    [['--dir', 'srv', '--at', '30'], 5, 'a cloud is made only where none is'],
  ])('refuses %j with one sentence, and nothing is written', (argv, code, words) =>
    Folder.use(60, async (folder, desk) => {
      const { head } = { head: await folder.head() };
      const { exit, stdout, stderr } = await desk.run(['cloud', 'fork', '--from-dir', 'srv', ...argv]);
      expect([exit, stdout]).toEqual([code, '']);
      expect(stderr).toContain(words);
      expect(existsSync(join(desk.folder, 'then'))).toBe(false);
      expect(await folder.head()).toEqual(head);
    }),
  );
});

describe('a server on a fork', () => {
  it('answers questions, touches nothing of the cloud it was made of, and adds nothing but who came to look', async () => {
    const ground = await Ground.make();
    const { operator } = ground;
    try {
      await ground.deployed('/demo', 'demo');
      const [requested] = (await ground.events('/demo')).filter(({ type }) => type === 'deployment.requested');
      const pids = await processes(ground);
      expect(pids.length).toBeGreaterThan(0);
      await Desk.use(async (desk) => {
        await desk.write('.ploinky/cloud.json', { serverUrl: ground.server.url });
        expect((await desk.run(['cloud', 'login', operator.apiKey])).exit).toBe(0);
        // Once with a container that runs, once in the midst of a release, which a server takes up again.
        for (const at of ['head', String(requested?.seq)]) {
          const made = await desk.run(['cloud', 'fork', '--at', at, '--dir', at, '--json']);
          expect(made.exit, made.stderr).toBe(0);
          const { head } = JSON.parse(made.stdout);
          await lookedAt(join(desk.folder, at), operator.apiKey, head.seq);
          const files = Object.keys(fingerprint(join(desk.folder, at, '.ploinky-cloud')));
          expect(files.filter((name) => /^(repos|agents|process|bundled)\//.test(name))).toEqual([]);
          const told = await desk.run(['cloud', 'history', '--dir', at, '--from', String(head.seq + 1), '--json']);
          const later = told.stdout.split('\n').filter((line) => line !== '');
          expect(later.map((line) => JSON.parse(line).type)).toEqual(['session.opened']);
        }
      });
      expect(await processes(ground)).toEqual(pids);
      expect((await ground.call('/demo', 'hello', ['still'])).status).toBe(200);
    } finally {
      await ground.clear();
    }
  });
});

/** Starts a server on a fork, asks it for this and that, and stops it. */
async function lookedAt(folder: string, apiKey: string, seq: number): Promise<void> {
  const server = new ServerProcess(folder);
  await server.start();
  try {
    const fork = new Operator(server);
    expect((await fork.request('GET', '/health')).body).toMatchObject({ status: 'ok', fork: true });
    fork.apiKey = apiKey;
    for (const route of ['health', 'overview']) {
      expect((await fork.request('GET', `/management/api/${route}`)).body.fork).toMatchObject({ seq });
    }
    expect((await fork.request('GET', '/management/api/state')).body).toMatchObject({ seq });
    expect(await fork.history('limit=5')).toHaveLength(5);
    const place = { domain: 'localhost', path: '/demo' };
    for (const [method, path, body] of [
      ['POST', '/management/api/deployments', { ...place, agent: 'demo' }],
      ['DELETE', '/management/api/deployments', place],
      ['POST', '/management/api/settings', { serverName: 'x' }],
      ['POST', '/management/api/domains', { name: 'new.test' }],
      ['POST', '/management/api/repositories', { name: 'r', url: 'https://example.org/r.git' }],
      ['POST', '/management/api/repositories/PloinkyDemo/sync', {}],
      ['POST', '/management/api/secrets', { name: 'S', value: 'v' }],
      ['POST', '/management/api/retention/run', {}],
      ['POST', '/management/api/stopAndDeleteAll', {}],
      ['POST', '/demo/hello', { params: ['x'] }],
    ] as const) {
      const answer = await fork.request(method, path, body);
      expectProblem(answer, 'FORK_INERT');
    }
    expect((await fork.request('GET', '/management/api/state')).body.seq).toBe(seq);
    expect((await fork.request('POST', '/auth', { command: 'login', params: [apiKey] })).status).toBe(200);
    expect(JSON.stringify((await fork.request('GET', '/management/api/logs')).body)).toContain('this log is a fork');
  } finally {
    await server.kill('SIGTERM');
  }
}

/** Of the containers that the engine runs, as the log of the original knows them. */
async function processes(ground: Ground): Promise<string[]> {
  const { containers } = await ground.state();
  return Object.values<{ engineId: string }>(containers).map(({ engineId }) => engineId);
}
