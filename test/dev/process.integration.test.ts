import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
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

  static in(where: string, ...words: string[]): Running {
    return new Running(where, words);
  }

  static here(...words: string[]): Running {
    return new Running(folder, words);
  }

  private constructor(where: string, words: readonly string[]) {
    const { body } = login;
    const env = {
      ...process.env,
      PLOINKY_SERVER_URL: ground.server.url,
      PLOINKY_AUTH_TOKEN: body.authorizationToken,
      CI: '1',
    };
    this.child = spawn(process.execPath, [cli, 'cloud', 'dev', where, ...words], { env, cwd: ground.folder });
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
    const running = Running.here();
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
    // Once, as what it wrote, and not in the error again.
    expect(running.output).toMatch(/SyntaxError[\s\S]*✗ The agent ended .* What it wrote is above\./);
    expect(running.output.match(/SyntaxError/g)).toHaveLength(1);
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
    const running = Running.here('--rm');
    await running.shows(`Release ${before + 1} serves`);
    expect(await said()).toBe('four');
    expect(await running.interrupt()).toBe(0);
    expect(running.output).toContain('Undeployed localhost/shop');
    expect((await ground.call('/shop', 'say')).status).not.toBe(200);
  });

  it('can deploy once, and says what is missing', async () => {
    const once = Running.here('--once', '--path', '/other');
    expect(await once.ended).toBe(0);
    expect((await ground.call('/other', 'say')).body.data).toBe('four');
    write('index.js', 'module.exports = {');
    expect(await Running.here('--once', '--path', '/other').ended).toBe(1);
    expect((await ground.call('/other', 'say')).body.data).toBe('four');
    const repositories = (await ground.operator.request('GET', '/management/api/repositories?all=true')).body
      .repositories;
    expect(repositories.find(({ name }: { name: string }) => name === 'dev-shop')).toMatchObject({ enabled: false });
  });

  it('undeploys after --once --rm', async () => {
    say('five');
    const once = Running.here('--once', '--rm', '--path', '/brief');
    expect(await once.ended, once.output).toBe(0);
    expect(once.output).toContain('Undeployed localhost/brief');
    expect((await ground.call('/brief', 'say')).status).not.toBe(200);
  });

  it('takes no path over that serves another folder, of whatever name, unless told to, and leaves that deployed', async () => {
    const elder = join(ground.folder, 'elsewhere', 'shop');
    cpSync(folder, elder, { recursive: true });
    expect(await Running.in(elder, '--once', '--path', '/taken').ended).toBe(0);
    say('six');
    const refused = Running.here('--once', '--rm', '--path', '/taken');
    expect(await refused.ended).toBe(5);
    expect(refused.output).toContain(
      `localhost/taken serves agent shop of the folder ${realpathSync(elder)}, not this folder, ${realpathSync(folder)}.`,
    );
    expect(refused.output).toContain('--replace');
    expect((await ground.call('/taken', 'say')).body.data).toBe('five');
    const replaced = Running.here('--once', '--replace', '--path', '/taken');
    expect(await replaced.ended, replaced.output).toBe(0);
    expect((await ground.call('/taken', 'say')).body.data).toBe('six');
  });

  it('leaves with --rm what an earlier session took over, and knows its folder through a link', async () => {
    const link = join(ground.folder, 'link');
    symlinkSync(folder, link);
    const later = Running.in(link, '--once', '--rm', '--agent', 'shop', '--path', '/taken');
    expect(await later.ended, later.output).toBe(0);
    expect(later.output).toContain('p-cli cloud rollback localhost /taken --to 1');
    expect((await ground.call('/taken', 'say')).body.data).toBe('six');
    const { deployments } = (await ground.operator.request('GET', '/management/api/deployments')).body;
    const own = deployments.find(({ path }: { path: string }) => path === '/taken');
    expect(own.dev).toEqual({ machine: hostname(), folder: realpathSync(folder), replaced: 1 });
  });
});
