import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataOf } from '../../core/events/catalogue.ts';
import { eventually } from '../crash/operator.ts';
import { Ground } from '../trouble/ground.ts';
import { commit, scripted, withPackage } from './agents.ts';

let ground: Ground;
let repository: string;

beforeAll(async () => {
  ground = await Ground.make({ settings: { agentStartTimeoutMs: 20_000 } });
  repository = join(ground.folder, 'r');
  commit(repository, { 'README.md': 'agents' });
  await ground.addRepository('own', repository);
});
afterAll(() => ground?.clear());

/** How the install step of the newest release came to its end. */
async function installed(path: string): Promise<DataOf<'release.installed'>> {
  const events = (await ground.events(path)).filter(({ type }) => type === 'release.installed');
  return events.at(-1)?.data as DataOf<'release.installed'>;
}

async function hello(path: string): Promise<unknown> {
  return (await ground.call(path, 'hello')).body.data;
}

/** What the step of a site left. */
async function made(path: string): Promise<unknown> {
  return (await ground.operator.request('GET', `${path}/made.txt`)).body;
}

const marks = (name: string) => join(ground.folder, `${name}.marks`);
/** So often the step of that name was run. */
const runs = (name: string) =>
  existsSync(marks(name)) ? readFileSync(marks(name), 'utf8').trim().split('\n').length : 0;
const marking = (name: string, more = 'echo made > made.txt') => `echo run >> '${marks(name)}'\n${more}\n`;
const cacheFolder = () => join(ground.data, 'install-cache');

describe('an install step', () => {
  it('is not run again where the lock file is the same, whatever else changed', async () => {
    commit(repository, withPackage('npm', '1.0.0', 'first'));
    await ground.deployed('/npm', 'npm');
    const first = await installed('/npm');
    expect(first.cache).toEqual({ key: expect.stringMatching(/^[0-9a-f]{64}$/), hit: false });
    expect(await hello('/npm')).toBe('first tiny 1.0.0');

    commit(repository, withPackage('npm', '1.0.0', 'second'));
    await ground.deployed('/npm', 'npm');
    const second = await installed('/npm');
    expect(second.cache).toEqual({ key: first.cache?.key, hit: true });
    expect(await hello('/npm')).toBe('second tiny 1.0.0');
    const log = readFileSync(join(ground.data, 'logs', second.log as string), 'utf8');
    expect(log).toMatch(/^Nothing was run: release localhost\/npm#1 did the same at /);

    commit(repository, withPackage('npm', '2.0.0', 'third'));
    await ground.deployed('/npm', 'npm');
    expect((await installed('/npm')).cache).toMatchObject({ hit: false });
    expect(await hello('/npm')).toBe('third tiny 2.0.0');
  });

  it('without a lock file is run again whenever anything of the agent, or what it is given, changed', async () => {
    commit(repository, scripted('plain', marking('plain')));
    await ground.deployed('/plain', 'plain');
    await ground.deployed('/plain', 'plain');
    expect([runs('plain'), (await installed('/plain')).cache?.hit]).toEqual([1, true]);
    expect(await made('/plain')).toBe('made\n');

    commit(repository, { 'plain/notes.txt': 'something that an install step may read' });
    await ground.deployed('/plain', 'plain');
    expect([runs('plain'), (await installed('/plain')).cache?.hit]).toEqual([2, false]);

    await ground.deployed('/plain', 'plain', { environment: { COLOUR: 'red' } });
    expect(runs('plain')).toBe(3);
    await ground.deployed('/plain', 'plain', { environment: { COLOUR: 'red' } });
    expect(runs('plain')).toBe(3);
    // Of another deployment: its name is among what the step sees.
    await ground.deployed('/other', 'plain');
    expect(runs('plain')).toBe(4);
  });

  it('depends on the version of a secret, and no secret is in what is kept', async () => {
    const secret = 'correct-horse-battery';
    const put = (value: string) =>
      ground.operator.request('POST', '/management/api/secrets', { name: 'INSTALL_TOKEN', value });
    expect((await put(secret)).status).toBe(200);
    commit(repository, scripted('token', marking('token', 'echo "token $TOKEN"; echo ok > made.txt')));
    const given = { environment: { TOKEN: { secret: 'INSTALL_TOKEN' } } };
    await ground.deployed('/token', 'token', given);
    await ground.deployed('/token', 'token', given);
    expect(runs('token')).toBe(1);
    const first = (await ground.events('/token')).find(({ type }) => type === 'release.installed');
    const log = String((first?.data as { log: string } | undefined)?.log);
    expect(readFileSync(join(ground.data, 'logs', log), 'utf8')).toBe('token [secret INSTALL_TOKEN]\n');
    expect((await put('another-horse-entirely')).status).toBe(200);
    await ground.deployed('/token', 'token', given);
    expect(runs('token')).toBe(2);
    commit(repository, scripted('token', marking('token', 'echo "$TOKEN" > .npmrc; echo ok > made.txt')));
    await ground.deployed('/token', 'token', given);
    expect((await installed('/token')).cache).toBeNull();
    await ground.undeploy('/token');
    await ground.headAtRest();
    expect(ground.everyWord()).not.toMatch(/correct-horse|another-horse/);
  });

  it('is run when the deploy asks for it, which the log tells; what it made takes the place of the old', async () => {
    commit(repository, scripted('fresh', marking('fresh')));
    await ground.deployed('/fresh', 'fresh');
    await ground.deployed('/fresh', 'fresh', { noCache: true });
    expect([runs('fresh'), (await installed('/fresh')).cache?.hit]).toEqual([2, false]);
    const asked = (await ground.events('/fresh')).filter(({ type }) => type === 'deployment.requested');
    expect(asked.map(({ data }) => (data as DataOf<'deployment.requested'>).noCache)).toEqual([undefined, true]);
    await ground.deployed('/fresh', 'fresh');
    expect(runs('fresh')).toBe(2);
    const log = await ground.operator.request(
      'GET',
      '/management/api/deployments/install-log?deployment=localhost/fresh&release=3',
    );
    expect(String(log.body)).toContain('release localhost/fresh#2 did the same');
  });

  it('is not run for a rollback to what was installed before', async () => {
    commit(repository, scripted('back', marking('back', 'echo one > made.txt')));
    await ground.deployed('/back', 'back');
    commit(repository, scripted('back', marking('back', 'echo two > made.txt')));
    await ground.deployed('/back', 'back');
    const { status, body } = await ground.operator.request('POST', '/management/api/deployments/rollback', {
      domain: 'localhost',
      path: '/back',
    });
    expect(status, JSON.stringify(body)).toBe(200);
    expect([runs('back'), await made('/back'), (await installed('/back')).cache?.hit]).toEqual([2, 'one\n', true]);
  });

  it('whose kept result is damaged, or cut off by a kill, is run again', async () => {
    commit(
      repository,
      scripted(
        'cut',
        marking('cut', 'mkdir many; for i in 1 2 3 4 5 6 7 8; do echo $i > many/$i; done; echo made > made.txt'),
      ),
    );
    await ground.deployed('/cut', 'cut');
    const { cache } = await installed('/cut');
    const entry = join(cacheFolder(), cache?.key ?? '');
    writeFileSync(join(entry, 'files/many/5'), 'torn');
    await ground.deployed('/cut', 'cut');
    expect([runs('cut'), (await installed('/cut')).cache?.hit, await made('/cut')]).toEqual([2, false, 'made\n']);
    expect(readFileSync(join(entry, 'files/many/5'), 'utf8')).toBe('5\n');
    // What a server leaves that is killed between the files and the list of them.
    rmSync(join(entry, 'manifest.json'));
    await ground.deployed('/cut', 'cut');
    expect([runs('cut'), (await installed('/cut')).cache?.hit]).toEqual([3, false]);
  });

  it('that a kill of the server ended begins anew, and its result is whole', async () => {
    const go = join(ground.folder, 'go');
    commit(
      repository,
      scripted(
        'killed',
        marking('killed', `echo half > made.txt\nwhile [ ! -e '${go}' ]; do sleep 0.02; done\necho whole > made.txt`),
      ),
    );
    const deploying = ground.deploy('/killed', 'killed').catch(() => undefined);
    await eventually('the first run', 30, async () => (runs('killed') === 1 ? true : undefined));
    await ground.server.kill();
    await deploying;
    writeFileSync(go, '');
    await ground.server.start();
    await ground.happened('/killed', 'deployment.routed');
    expect([runs('killed'), await made('/killed')]).toEqual([2, 'whole\n']);
    await ground.deployed('/killed', 'killed');
    expect([runs('killed'), await made('/killed')]).toEqual([2, 'whole\n']);
    expect(readdirSync(cacheFolder()).filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([]);
  });

  it('whose result names its own folder is not kept, and the release serves', async () => {
    commit(repository, scripted('bound', marking('bound', 'pwd > made.txt')));
    await ground.deployed('/bound', 'bound');
    expect((await installed('/bound')).cache).toBeNull();
    await ground.deployed('/bound', 'bound');
    expect(runs('bound')).toBe(2);
  });

  it('is run each time where the setting says so', async () => {
    commit(repository, scripted('off', marking('off')));
    await ground.operator.set({ 'install.cache': false });
    await ground.deployed('/off', 'off');
    await ground.deployed('/off', 'off');
    await ground.operator.set({ 'install.cache': true });
    expect([runs('off'), (await installed('/off')).cache]).toEqual([2, null]);
  });
});

describe('the output of an install step', () => {
  it('can be read while it runs, and the old release serves meanwhile', async () => {
    commit(repository, scripted('live', marking('live', 'echo one > made.txt')));
    await ground.deployed('/live', 'live');
    const go = join(ground.folder, 'go-on');
    commit(
      repository,
      scripted(
        'live',
        marking('live', `echo begun\nwhile [ ! -e '${go}' ]; do sleep 0.02; done\necho ended\necho two > made.txt`),
      ),
    );
    const deploying = ground.deploy('/live', 'live');
    await ground.happened('/live', 'deployment.routed');
    await eventually('release 2', 20, async () => {
      const requested = (await ground.events('/live')).filter(({ type }) => type === 'deployment.requested');
      return requested.length === 2 ? true : undefined;
    });
    const answer = await fetch(
      `${ground.server.url}/management/api/deployments/progress?deployment=localhost/live&release=2`,
      {
        headers: { 'x-api-key': ground.operator.apiKey },
      },
    );
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += new TextDecoder().decode(chunk as Uint8Array);
      if (text.includes('begun') && !existsSync(go)) {
        expect(await made('/live')).toBe('one\n');
        const retired = (await ground.events('/live')).filter(({ type }) => type === 'release.retired');
        expect(retired).toEqual([]);
        writeFileSync(go, '');
      }
    }
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { stage: 'install', line: 'begun' },
      { stage: 'install', line: 'ended' },
    ]);
    expect((await deploying).status).toBe(200);
    expect(await made('/live')).toBe('two\n');
  });

  it('of a release that nobody made is not found', async () => {
    for (const route of ['progress', 'install-log']) {
      const { status, body } = await ground.operator.request(
        'GET',
        `/management/api/deployments/${route}?deployment=localhost/live&release=99`,
      );
      expect([status, body.error.code]).toEqual([404, 'RELEASE_NOT_FOUND']);
    }
  });
});
