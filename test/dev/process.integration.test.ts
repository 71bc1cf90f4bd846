import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../crash/operator.ts';
import { Ground } from '../trouble/ground.ts';

const cli = fileURLToPath(new URL('../../dist/cli/p-cli.js', import.meta.url));
let ground: Ground;
let folder: string;

beforeAll(async () => {
  ground = await Ground.make({ settings: { agentStartTimeoutMs: 10_000 } });
  folder = join(ground.folder, 'shop');
  mkdirSync(folder);
  write('manifest.json', '{"network":"none"}');
  write('.gitignore', 'cache/\n');
  say('one');
});
afterAll(() => ground?.clear());

const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
const say = (word: string) =>
  write('index.js', `console.log('begins with ${word}'); module.exports = { say: () => '${word}' };`);
const said = async () => (await ground.call('/shop', 'say')).body.data;
const requested = async () =>
  (await ground.events('/shop')).filter(({ type }) => type === 'deployment.requested').length;

/** The command as somebody at a terminal runs it. */
class Running {
  output = '';
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(...words: string[]) {
    const { body } = login;
    const env = {
      ...process.env,
      PLOINKY_SERVER_URL: ground.server.url,
      PLOINKY_AUTH_TOKEN: body.authorizationToken,
      CI: '1',
    };
    this.child = spawn(process.execPath, [cli, 'cloud', 'dev', folder, ...words], { env, cwd: ground.folder });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString('utf8');
      });
    }
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    ground.cleanup(() => this.child.kill('SIGKILL'));
  }

  shows(text: string): Promise<true> {
    return eventually(text, 60, async () => {
      if (this.output.includes(text)) return true as const;
      return this.child.exitCode === null ? undefined : (false as const);
    }).then((shown) => {
      expect(shown, this.output).toBe(true);
      return true as const;
    });
  }

  async interrupt(): Promise<number | null> {
    this.child.kill('SIGINT');
    return this.ended;
  }
}

let login: { body: { authorizationToken: string } };

describe('dev', () => {
  it('deploys a folder, again when a file changes, shows its output, and ends with Ctrl-C', async () => {
    login = await ground.operator.request('POST', '/auth', { command: 'login', params: [ground.operator.apiKey] });
    const running = new Running();
    await running.shows('Release 1 serves');
    await running.shows('begins with one');
    expect(await said()).toBe('one');
    say('two');
    await running.shows('changed: index.js');
    await running.shows('Release 2 serves');
    await running.shows('begins with two');
    expect(await said()).toBe('two');

    mkdirSync(join(folder, 'cache'));
    write('cache/x', 'ignored');
    write('index.js', 'module.exports = {');
    await running.shows('what served before serves on');
    expect(running.output).not.toContain('commit, and deploy');
    expect(await said()).toBe('two');
    expect(running.output).not.toContain('cache/x');
    write('manifest.json', '{"network":');
    await running.shows('shop/manifest.json at');
    expect(await said()).toBe('two');
    await ground.server.kill();
    write('manifest.json', '{"network":"none"}');
    say('three');
    await running.shows('Nothing answers');
    await ground.server.start();
    await eventually('the new answer', 60, async () => ((await said()) === 'three' ? true : undefined));
    expect(await running.interrupt()).toBe(0);
    expect(running.output).toContain('localhost/shop stays deployed');
    expect(await said()).toBe('three');
  });

  it('begins again where it was, and undeploys at the end where that was asked for', async () => {
    const before = await requested();
    say('four');
    const running = new Running('--rm');
    await running.shows(`Release ${before + 1} serves`);
    expect(await said()).toBe('four');
    expect(await running.interrupt()).toBe(0);
    expect(running.output).toContain('Undeployed localhost/shop');
    expect((await ground.call('/shop', 'say')).status).not.toBe(200);
  });

  it('can deploy once, and says what is missing', async () => {
    const once = new Running('--once', '--path', '/other');
    expect(await once.ended).toBe(0);
    expect((await ground.call('/other', 'say')).body.data).toBe('four');
    write('index.js', 'module.exports = {');
    expect(await new Running('--once', '--path', '/other').ended).toBe(1);
    expect((await ground.call('/other', 'say')).body.data).toBe('four');
    const repositories = (await ground.operator.request('GET', '/management/api/repositories?all=true')).body
      .repositories;
    expect(repositories.find(({ name }: { name: string }) => name === 'dev-shop')).toMatchObject({ enabled: false });
  });

  it('undeploys after --once --rm', async () => {
    say('five');
    const once = new Running('--once', '--rm', '--path', '/brief');
    expect(await once.ended, once.output).toBe(0);
    expect(once.output).toContain('Undeployed localhost/brief');
    expect((await ground.call('/brief', 'say')).status).not.toBe(200);
  });

  it('takes no path over that serves something else unless told to, and leaves that deployed', async () => {
    // Of another folder's repository, so that it is a stranger to this one.
    expect(await new Running('--once', '--agent', 'elder', '--path', '/taken').ended).toBe(0);
    say('six');
    const refused = new Running('--once', '--rm', '--path', '/taken');
    expect(await refused.ended).toBe(5);
    expect(refused.output).toContain('not deployed by dev from this folder');
    expect((await ground.call('/taken', 'say')).body.data).toBe('five');
    const replaced = new Running('--once', '--rm', '--replace', '--path', '/taken');
    expect(await replaced.ended, replaced.output).toBe(0);
    expect(replaced.output).toContain('p-cli cloud rollback localhost /taken --to 1');
    expect((await ground.call('/taken', 'say')).body.data).toBe('six');
  });
});
