import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestGround, TestRepository } from '../adapters/git/test-repository.ts';
import { Desk, type Result, type RunOptions } from '../cli/desk.ts';
import { expectProblem, Ground, type GroundOptions } from '../trouble/ground.ts';
import { files } from './agents.ts';
import { filesBelow, found, processes } from './traces.ts';

export interface CanaryOptions extends GroundOptions {
  readonly engine: 'docker' | 'podman' | 'process';
  /** What the engine tells of the containers of this cloud, but for their environment. */
  readonly inspected?: (cloudId: string) => Promise<string>;
}

const fresh = (name: string) => `canary-${name}-${randomBytes(24).toString('base64url')}`;

/**
 * The life of secrets on one engine. What their values are is known to the containers that were given them, and can be
 * found nowhere else: no file, output, answer, error, argument or label.
 */
export function canarySuite({ engine, inspected, settings, ...more }: CanaryOptions): void {
  const canaries = { first: fresh('first'), second: fresh('second'), other: fresh('other'), typed: fresh('typed') };
  /** The one that agents print. */
  const leak = { leak: fresh('leak') };
  const all = { ...canaries, ...leak };
  /** Everything that anybody was told. */
  const told: string[] = [];
  let sources: TestGround;
  let ground: Ground;
  let token: string;

  const cli = async (argv: string[], options: RunOptions = {}): Promise<Result> => {
    let result: Result | undefined;
    await Desk.use(async (desk) => {
      const env = { PLOINKY_SERVER_URL: ground.server.url, PLOINKY_AUTH_TOKEN: token };
      result = await desk.run(['cloud', ...argv], { env, ...options });
    });
    if (!result) throw new Error('the command did not end');
    told.push(result.stdout, result.stderr);
    return result;
  };
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await ground.operator.request(method, `/management/api/${path}`, body);
    told.push(JSON.stringify(answer.body));
    return answer;
  };
  const deploy = async (path: string, agent: string, body: object = {}) => {
    const answer = await ground.deploy(path, agent, { repository: 'own', ...body });
    told.push(JSON.stringify(answer.body));
    return answer;
  };
  /** Which value a variable of the agent has. */
  const holds = async (path: string, variable: string): Promise<string | undefined> => {
    const key = randomBytes(8).toString('hex');
    const { body } = await ground.call(path, 'proof', [variable, key]);
    const proves = (value: string) => createHmac('sha256', key).update(value).digest('hex') === body.data;
    return Object.entries(all).find(([, value]) => proves(value))?.[0];
  };
  const commandLines = () =>
    processes()
      .map(({ commandLine }) => commandLine)
      .join('\n');
  const engineId = async (path: string): Promise<string> => {
    const containers = Object.values<{ deployment: string; engineId: string }>((await ground.state()).containers);
    return containers.find(({ deployment }) => deployment === `localhost${path}`)?.engineId ?? '';
  };

  beforeAll(async () => {
    sources = await TestGround.make();
    const remote = await TestRepository.make(sources);
    await remote.commit(files, 'Agents with secrets');
    ground = await Ground.make({ ...more, settings: { engine, agentStartTimeoutMs: 20_000, ...settings } });
    const login = { command: 'login', params: [ground.operator.apiKey] };
    token = (await ground.operator.request('POST', '/auth', login)).body.authorizationToken;
    await ground.addRepository('own', remote.bare);
  });
  afterAll(async () => {
    await ground?.clear();
    await sources?.clear();
  });

  describe('a secret', () => {
    it('is taken from a pipe, and its line end is none of it', async () => {
      const first = await cli(['secret', 'set', 'token', '--debug'], { stdin: `${canaries.first}\n` });
      expect([first.exit, first.stdout], first.stderr).toEqual([0, '✓ token has version 1\n']);
      expect(first.stderr).toContain('--secret token=token');
      const other = await cli(['secret', 'set', 'other', '--stdin', '--json'], { stdin: `${canaries.other}\r\n` });
      expect(JSON.parse(other.stdout)).toEqual({ success: true, name: 'other', version: 1, stale: [] });
      expect((await cli(['secret', 'set', 'leak'], { stdin: leak.leak })).exit).toBe(0);
    });

    it('is never taken from the command line, and what came there is not repeated', async () => {
      const before = await ground.operator.history('type=secret.*');
      for (const words of [
        ['token', canaries.typed],
        [`token=${canaries.typed}`],
        ['token', '--value', canaries.typed],
      ]) {
        const { exit, stderr } = await cli(['secret', 'set', ...words], { stdin: 'something' });
        expect(exit).toBe(1);
        expect(stderr).toContain('never taken from the command line');
        expect(stderr).toContain('`p-cli cloud secret set token`');
      }
      expect(await ground.operator.history('type=secret.*')).toEqual(before);
    });

    it.each([
      ['nothing', '', 'is empty'],
      ['a line end alone', '\n', 'is empty'],
      ['too much', 'x'.repeat(65_537), '65536 are possible'],
      ['a NUL', 'a\0b', 'NUL'],
    ])('cannot be %s', async (_what, stdin, why) => {
      const { exit, stderr } = await cli(['secret', 'set', 'token'], { stdin });
      expect(exit).toBe(5);
      expect(stderr).toContain(why);
    });

    it('comes in over HTTP only, and is refused there without being repeated', async () => {
      expectProblem(await ask('POST', 'secrets', { name: 'token', value: [canaries.typed] }), 'SECRET_VALUE_INVALID');
      expectProblem(await ask('POST', 'secrets', { name: '../up', value: canaries.typed }), 'INVALID_NAME');
      expectProblem(await ask('POST', 'secrets/absent/rotate', { value: canaries.typed }), 'SECRET_NOT_FOUND');
      expectProblem(await ask('POST', 'secrets', { name: 'TOKEN', value: canaries.typed }), 'INVALID_NAME');
      const noKey = await fetch(`${ground.server.url}/management/api/secrets`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'token', value: canaries.typed }),
      });
      told.push(await noKey.text());
      expect(noKey.status).toBe(401);
      // Where it does not belong, it is not written down.
      expectProblem(await ask('POST', `secrets?name=token&value=${canaries.typed}`), 'INVALID_REQUEST');
    });
  });

  describe('an agent', () => {
    it('gets what its manifest and its deployment name', async () => {
      const argv = ['deploy', 'localhost', '/vault', 'vault', '--repository', 'own', '--secret', 'CONFIGURED=other'];
      const { exit, stderr } = await cli([...argv, '--debug', '--json']);
      expect(exit, stderr).toBe(0);
      expect([await holds('/vault', 'TOKEN'), await holds('/vault', 'CONFIGURED')]).toEqual(['first', 'other']);
      expect((await ground.call('/vault', 'installed')).body.data).toBe(true);
      expect(found(commandLines(), all)).toEqual([]);
      const release = Object.values<{ id: string; source: object }>((await ground.state()).releases)[0];
      expect(release?.source).toMatchObject({ secrets: { token: 1, other: 1 } });
    });

    it('gets it again when the server was killed, and when it ended itself', async () => {
      await ground.server.kill();
      await ground.server.start();
      expect(await holds('/vault', 'TOKEN')).toBe('first');
      const before = await engineId('/vault');
      await ground.call('/vault', 'crash');
      await ground.comesBack('/vault', before);
      expect([await holds('/vault', 'TOKEN'), await holds('/vault', 'CONFIGURED')]).toEqual(['first', 'other']);
    });

    it('keeps the version that it was made with until it is deployed again', async () => {
      const { exit, stdout, stderr } = await cli(['secret', 'rotate', 'token'], { stdin: canaries.second });
      expect([exit, stdout]).toEqual([0, '✓ token has version 2\n']);
      expect(stderr).toContain('localhost/vault runs with version 1');
      expect(stderr).toContain('p-cli cloud rollback localhost /vault --to 1 --secrets now');
      expect(await holds('/vault', 'TOKEN')).toBe('first');
      const list = await cli(['secret', 'list']);
      expect(list.stdout).toMatch(/token +version 2 +\S+ +admin:\S+ +localhost\/vault release 1 has version 1\n/);
      const json = JSON.parse((await cli(['secret', 'list', '--json', '--debug'])).stdout);
      expect(json.secrets).toMatchObject([
        { name: 'leak', version: 1, uses: [] },
        { name: 'other', version: 1, uses: [{ deployment: 'localhost/vault', release: 1, current: true }] },
        { name: 'token', version: 2, versions: [1, 2], uses: [{ version: 1, current: false, serving: true }] },
      ]);
    });

    it('gets a new version at once with --deploy, from the same commit', async () => {
      const { exit, stdout, stderr } = await cli(['secret', 'rotate', 'token', '--deploy'], { stdin: canaries.second });
      expect(exit, stderr).toBe(0);
      expect(stdout).toBe('✓ token has version 3\n✓ localhost/vault serves with it, as release 2\n');
      expect([await holds('/vault', 'TOKEN'), await holds('/vault', 'CONFIGURED')]).toEqual(['second', 'other']);
      const again = await cli(['secret', 'rotate', 'other', '--deploy', '--json'], { stdin: canaries.other });
      expect(JSON.parse(again.stdout)).toMatchObject({
        version: 2,
        deployed: [{ deployment: 'localhost/vault', release: 3 }],
      });
    });

    it('gets the version of then with a rollback', async () => {
      const { exit, stderr } = await cli(['rollback', 'localhost', '/vault', '--to', '#1', '--debug', '--json']);
      expect(exit, stderr).toBe(0);
      expect([await holds('/vault', 'TOKEN'), await holds('/vault', 'CONFIGURED')]).toEqual(['first', 'other']);
    });

    it('that needs an unknown secret is refused: at once by its configuration, at its source by its manifest', async () => {
      const atOnce = await deploy('/asks', 'asks', { environment: { X: { secret: 'nowhere' } } });
      expectProblem(atOnce, 'SECRET_NOT_FOUND');
      expect(await ground.events('/asks')).toEqual([]);
      const later = await deploy('/asks', 'asks');
      expectProblem(later, 'SECRET_NOT_FOUND');
      expect(later.body.error).toMatchObject({
        message: expect.stringContaining('absent'),
        hint: expect.stringContaining('p-cli cloud secret set absent'),
        details: { stage: 'source' },
      });
    });
  });

  describe('an agent that prints its secret', () => {
    const redacted = 'I was told [secret leak]';

    it('and ends, leaves it out of event, error and history', async () => {
      const answer = await deploy('/ends', 'ends');
      expectProblem(answer, 'EXITED_EARLY');
      expect(answer.body.message).toContain(redacted);
      const exited = (await ground.events('/ends')).find(({ type }) => type === 'container.exited');
      expect(exited?.data).toMatchObject({ output: redacted });
    });

    it('and never answers, leaves it out of the reason', async () => {
      await ground.operator.set({ agentStartTimeoutMs: 1_500 });
      const { exit, stderr } = await cli(['deploy', 'localhost', '/mute', 'mute', '--repository', 'own', '--debug']);
      await ground.operator.set({ agentStartTimeoutMs: 20_000 });
      expect(exit).toBe(4);
      expect(stderr).toContain(redacted);
    });

    it('while it is installed, leaves it out of error and log file', async () => {
      const answer = await deploy('/fails', 'fails');
      expectProblem(answer, 'INSTALL_FAILED');
      expect(answer.body.message).toContain(redacted);
      const log = [...filesBelow(join(ground.data, 'logs'))].find(([path]) => path.includes('install-localhost-fails'));
      expect(log?.[1]).toBe(`${redacted}\n`);
    });

    it('and serves, leaves it out of what `logs` shows', async () => {
      expect((await deploy('/chatty', 'chatty')).status).toBe(200);
      const { stdout } = await cli(['logs', '--deployment', 'localhost/chatty']);
      expect(stdout).toContain(redacted);
      expect(await holds('/chatty', 'LEAK')).toBe('leak');
    });

    it('and fails with it, leaves it out of the outcome', async () => {
      const { body } = await ground.call('/chatty', 'fails');
      told.push(JSON.stringify(body));
      expect(body.message).toBe('cannot log in with [secret leak]');
    });
  });

  describe('while agents have them, values', () => {
    it('are in the environment of their containers, and in no other process, argument or label', async () => {
      expect(found(commandLines(), all)).toEqual([]);
      if (inspected) {
        const labels = await inspected((await ground.state()).cloud.cloud.cloudId);
        expect(labels).toContain('localhost/vault');
        expect(found(labels, all)).toEqual([]);
      }
      // Everything but the test itself, whose memory is no environment.
      const holders = processes().filter(({ environment }) => found(environment, all).length > 0);
      expect(holders.length).toBeGreaterThan(0);
      for (const { environment } of holders) expect(environment).toMatch(/(^|\0)PLOINKY_AGENT=(vault|chatty)\0/);
    });
  });

  it('values are in no file while agents run with them', () => {
    const kept = filesBelow(ground.folder);
    const calls = [...kept].filter(([path]) => path.endsWith('/calls.txt')).map(([, content]) => content);
    expect(calls.every((text) => text.includes('calls.txt')) && calls.length > 0).toBe(true);
    const holding = [...kept].filter(([, content]) => found(content, canaries).length > 0).map(([path]) => path);
    expect(holding).toEqual([]);
  });

  describe('a secret that is removed', () => {
    it('is asked about, and kept while a release needs it', async () => {
      expect((await cli(['secret', 'rm', 'token'])).stderr).toContain('no terminal to ask on');
      const { exit, stderr } = await cli(['secret', 'rm', 'token', '--yes']);
      expect(exit).toBe(1);
      expect(stderr).toContain('needed by');
      expect(stderr).toContain('--force');
    });

    it('goes by force under a release that serves, which cannot be started again, and says so', async () => {
      const { exit, stdout, stderr } = await cli(['secret', 'rm', 'token', '-y', '--force']);
      expect([exit, stdout]).toEqual([0, '✓ Destroyed token (versions 1, 2, 3)\n']);
      expect(stderr).toMatch(/localhost\/vault runs with it until its release 4 is started again/);
      expect(stderr).toMatch(/will be refused: localhost\/vault release 1/);
      expect([...filesBelow(join(ground.data, 'secrets')).keys()].filter((path) => path.includes('token'))).toEqual([]);
      await ground.call('/vault', 'crash');
      const failed = await ground.happened('/vault', 'container.startFailed');
      expect(failed.data).toMatchObject({
        problem: {
          code: 'SECRET_MISSING',
          message: expect.stringContaining('token version 1'),
          hint: expect.stringContaining('p-cli cloud secret rotate token'),
        },
      });
      // What it writes now cannot be searched for the value any more.
      expect((await cli(['logs', '--deployment', 'localhost/chatty'])).stdout).toContain('[withheld: token version 3');
    });

    it('makes a rollback to it impossible, and that is said before anything starts', async () => {
      const requests = async () => (await ground.events('/vault')).filter(({ type }) => type.startsWith('deployment.'));
      const before = await requests();
      const { exit, stderr } = await cli(['rollback', 'localhost', '/vault', '--to', '#2', '--yes']);
      expect(exit).toBe(5);
      expect(stderr).toContain('needs a secret that was destroyed: token version 3');
      expect(await requests()).toEqual(before);
    });

    it('counts on with its versions when it is set again', async () => {
      const { stdout } = await cli(['secret', 'set', 'token'], { stdin: canaries.first });
      expect(stdout).toBe('✓ token has version 4\n');
    });
  });

  describe('afterwards, values', () => {
    beforeAll(async () => {
      for (const path of ['/vault', '/chatty']) await ground.undeploy(path);
    });

    it('are in nothing that anybody was told', async () => {
      for (const argv of [['history', '--json'], ['state', '--json'], ['logs', '500'], ['config'], ['export', '-']]) {
        expect((await cli(argv)).exit, argv.join(' ')).toBe(0);
      }
      expect(found(told.join('\n'), all)).toEqual([]);
    });

    it('are in no file of the data folder and in no backup', async () => {
      await ground.operator.request('GET', '/health');
      const backup = join(ground.folder, 'copy.backup');
      expect((await cli(['backup', backup])).exit).toBe(0);
      const kept = filesBelow(ground.folder);
      expect([...kept.keys()].some((path) => path.endsWith('secrets/token.4'))).toBe(true);
      expect(kept.get(backup)).toContain('secrets/token.4');
      expect(kept.get(backup)).not.toContain('secrets.key');
      expect(kept.get(backup)).not.toContain(kept.get(join(ground.data, 'secrets.key'))?.trim());
      const holding = [...kept].flatMap(([path, content]) => {
        const names = found(content, all);
        return names.length > 0 ? [`${path}: ${names.join(', ')}`] : [];
      });
      expect(holding).toEqual([]);
      expect(found(ground.server.output, all)).toEqual([]);
    });
  });
}
