import { afterEach, describe, expect, it } from 'vitest';
import { HttpTransport } from '../../adapters/agents/http-transport.ts';
import { task } from '../contracts/transport-contract.ts';
import { type AgentFolder, agentFolder, RunningAgent } from './running-agent.ts';

let folder: AgentFolder | null = null;
let agent: RunningAgent | null = null;
const transport = new HttpTransport();

afterEach(async () => {
  await agent?.stop();
  folder?.remove();
});

async function serve(files: Record<string, string>, env: Record<string, string> = {}): Promise<void> {
  folder = agentFolder(files);
  agent = await new RunningAgent(folder, { env }).ready();
}

async function call(command: string, ...params: unknown[]): Promise<unknown> {
  const outcome = await transport.call(folder!.address, task(command, params), new AbortController().signal);
  return outcome.success ? outcome.data : outcome.error;
}

describe('exported functions', () => {
  it.each([
    ['CommonJS map', { 'index.js': 'module.exports = { hello: (n) => "Hello, " + n + "!" };' }],
    ['CommonJS names', { 'agent.js': 'exports.hello = async (n) => "Hello, " + n + "!";' }],
    ['ES module names', { 'index.mjs': 'export const hello = (n) => "Hello, " + n + "!";' }],
    [
      'ES module by package type',
      {
        'package.json': '{"type":"module"}',
        'main.js': 'export async function hello(n) { return "Hello, " + n + "!"; }',
      },
    ],
    ['ES module default map', { 'src/index.mjs': 'export default { hello(n) { return "Hello, " + n + "!"; } };' }],
    [
      'main of package.json',
      { 'package.json': '{"main":"lib"}', 'lib/index.js': 'exports.hello = (n) => "Hello, " + n + "!"' },
    ],
  ])('%s', async (_form, files) => {
    await serve(files as Record<string, string>);
    expect(await call('hello', 'World')).toBe('Hello, World!');
  });

  it('get values, not text, and may be asynchronous', async () => {
    await serve({
      'index.js': `module.exports = {
        kinds: (...all) => all.map((one) => one === null ? 'null' : Array.isArray(one) ? 'array' : typeof one),
        later: (value) => new Promise((resolve) => setTimeout(resolve, 1, value)),
        nothing() {},
        self() { return this.nothing === module.exports.nothing; },
      };`,
    });
    expect(await call('kinds', 1, 'a', null, [1], { a: 1 }, false)).toEqual([
      'number',
      'string',
      'null',
      'array',
      'object',
      'boolean',
    ]);
    expect(await call('later', { a: [1] })).toEqual({ a: [1] });
    expect(await call('nothing')).toBeNull();
    expect(await call('self')).toBe(true);
  });

  it('tell honestly what is no data, and what was thrown', async () => {
    await serve({
      'index.js': `const cycle = {}; cycle.self = cycle;
      module.exports = {
        big: () => 1n, cycle: () => cycle, method: () => () => 1, getter: () => ({ get a() { throw new Error('in getter'); } }),
        plain() { throw new Error('no such order'); },
        text() { throw 'just text'; },
        nil() { throw null; },
        own() { throw Object.assign(new Error('sold out'), { code: 'OUT_OF_STOCK', details: { left: 0 } }); },
        posing() { throw Object.assign(new Error('x'), { code: 'TASK_OUTCOME_UNKNOWN' }); },
        system() { require('fs').readFileSync('/no/such/file'); },
        nasty() { throw { get message() { throw new Error('again'); } }; },
        rejects: async () => { throw new Error('later'); },
      };`,
    });
    expect(await call('big')).toMatchObject({ code: 'HANDLER_FAILED', message: expect.stringContaining('BigInt') });
    expect(await call('cycle')).toMatchObject({ code: 'HANDLER_FAILED', message: expect.stringContaining('circular') });
    expect(await call('method')).toMatchObject({
      code: 'HANDLER_FAILED',
      message: expect.stringContaining('function'),
    });
    expect(await call('getter')).toMatchObject({
      code: 'HANDLER_FAILED',
      message: expect.stringContaining('in getter'),
    });
    expect(await call('plain')).toEqual({ code: 'HANDLER_FAILED', message: 'no such order', details: null });
    expect(await call('text')).toMatchObject({ code: 'HANDLER_FAILED', message: 'just text' });
    expect(await call('nil')).toMatchObject({ code: 'HANDLER_FAILED', message: 'null' });
    expect(await call('own')).toEqual({ code: 'OUT_OF_STOCK', message: 'sold out', details: { left: 0 } });
    expect(await call('posing')).toMatchObject({ code: 'HANDLER_FAILED', details: { code: 'TASK_OUTCOME_UNKNOWN' } });
    expect(await call('system')).toMatchObject({ code: 'HANDLER_FAILED', details: { code: 'ENOENT' } });
    expect(await call('nasty')).toMatchObject({ code: 'HANDLER_FAILED' });
    expect(await call('rejects')).toMatchObject({ code: 'HANDLER_FAILED', message: 'later' });
    expect(agent!.output).toContain('no such order\n    at ');
  });

  it('show their stack to callers only when debugging was asked for', async () => {
    await serve({ 'index.js': `exports.plain = () => { throw new Error('x'); };` }, { DEBUG: '1' });
    expect(await call('plain')).toMatchObject({ details: { stack: expect.stringContaining('index.js') } });
  });

  it('do not end the server, whatever they do', async () => {
    await serve({
      'index.js': `module.exports = {
        exit() { process.exit(3); },
        stray() { Promise.reject(new Error('stray rejection')); setImmediate(() => { throw new Error('stray throw'); }); },
        hello: () => 'here',
      };`,
    });
    expect(await call('exit')).toMatchObject({
      code: 'HANDLER_FAILED',
      message: expect.stringContaining('process.exit(3)'),
    });
    await call('stray');
    expect(await call('hello')).toBe('here');
    expect(agent!.output).toContain('stray rejection');
    expect(agent!.output).toContain('stray throw');
  });

  it('that never answer end by time, and are told', async () => {
    await serve({
      'index.js': `let told = false;
      module.exports = {
        never() { ploinky.task().signal.addEventListener('abort', () => { told = true; }); return new Promise(() => {}); },
        told: () => told,
      };`,
    });
    const given = task('never', [], { timeoutMs: 100 });
    const outcome = await transport.call(folder!.address, given, new AbortController().signal);
    expect(outcome).toMatchObject({ success: false, error: { code: 'TASK_TIMEOUT' } });
    expect(await call('told')).toBe(true);
  });

  it('know whose call they answer, also side by side', async () => {
    await serve({
      'index.js': `module.exports = {
        async who(ms) { await new Promise((r) => setTimeout(r, ms)); const t = ploinky.task(); return [t.runForUserId, t.metadata.n]; },
      };`,
    });
    const ask = (user: string, n: number, ms: number) => {
      const given = task('who', [ms], { runForUserId: user, metadata: { n } });
      return transport.call(folder!.address, given, new AbortController().signal);
    };
    const [first, second] = await Promise.all([ask('ann', 1, 20), ask('bob', 2, 1)]);
    expect(first).toEqual({ success: true, data: ['ann', 1] });
    expect(second).toEqual({ success: true, data: ['bob', 2] });
  });

  it('are own exports only', async () => {
    await serve({
      'index.js':
        'class Base { inherited() { return 1; } } module.exports = new Base(); exports = module.exports; exports.own = () => 2;',
    });
    expect(await call('own')).toBe(2);
    for (const name of [
      'inherited',
      'toString',
      'hasOwnProperty',
      'constructor',
      '__proto__',
      '__defineGetter__',
      'default',
    ]) {
      expect(await call(name)).toMatchObject({ code: 'COMMAND_NOT_FOUND' });
    }
  });

  it('get the user first where the agent is of the older kind', async () => {
    await serve({ 'index.js': 'exports.all = (...all) => all;' }, { PLOINKY_USER_FIRST: '1' });
    expect(await call('all', 'a', 'b')).toEqual(['InternetUser', 'a', 'b']);
  });
});

describe('a module that cannot be loaded', () => {
  it.each([
    ['a syntax error', 'module.exports = {'],
    ['a throw', 'throw new Error("no database")'],
    ['a missing dependency', 'require("no-such-package")'],
  ])('ends the start when nothing else could answer: %s', async (_why, text) => {
    folder = agentFolder({ 'index.js': text });
    agent = new RunningAgent(folder);
    expect(await agent.exited).toBe(1);
    expect(agent.output).toMatch(/index\.js cannot be loaded: .+/);
  });

  it.each([
    ['process.exit(3)', 3],
    ['process.exit()', 0],
    ['process.exitCode = 4; process.exit()', 4],
    ['try { process.exit(3) } catch { process.exit(5) }', 3],
    ['await new Promise(setImmediate); process.exit(3); export {}', 3],
  ])('but ends the process by itself ends it with its own code, and it is told who did: %s', async (text, code) => {
    const file = text.includes('export') ? 'index.mjs' : 'index.js';
    folder = agentFolder({ [file]: `console.log('no licence');\n${text}` });
    agent = new RunningAgent(folder);
    expect(await agent.exited).toBe(code);
    expect(agent.output).toContain('no licence');
    expect(agent.output).toMatch(
      new RegExp(`AgentCore: the agent ended the process by itself, with code ${code}: .*${file}:2:\\d+`),
    );
    expect(agent.output).not.toContain('cannot be loaded');
  });

  it.each([
    ['throw new Error("broken")', 'broken'],
    ['process.exit(3)', 'process.exit(3)'],
  ])('leaves file handlers in service: %s', async (text, told) => {
    await serve({ 'index.js': text, 'handlers/hello.sh': 'echo hello' });
    expect(await call('hello')).toBe('hello');
    expect(await call('other')).toMatchObject({ code: 'HANDLER_FAILED', message: expect.stringContaining(told) });
  });
});

describe('command lines', () => {
  it('of the manifest get the parameters as arguments', async () => {
    const commands = {
      hello: 'echo Hello,',
      placed: 'echo "<$2> <$1>"',
      all: 'printf "[%s]" "$@" \'$1\'',
      piped: 'printf "%s\\n" b a | awk \'{ print $1 }\' | sort',
    };
    await serve({ 'manifest.json': JSON.stringify({ commands }) });
    expect(await call('hello', '$(id)', "it's", ';ls')).toBe("Hello, $(id) it's ;ls");
    expect(await call('placed', 'a', 'b c')).toBe('<b c> <a>');
    expect(await call('all', 'a b', '*')).toBe('[a b][*][$1]');
    expect(await call('piped')).toBe('a\nb');
  });

  it('that are steps of the agent’s life are no commands', async () => {
    const commands = { install: 'echo i', update: 'echo u', run: 'echo r', hello: 'echo h' };
    await serve({ 'manifest.json': JSON.stringify({ commands, run: 'sh /agentCore/run.sh' }) });
    expect(await call('hello')).toBe('h');
    expect(await call('install')).toMatchObject({ code: 'COMMAND_NOT_FOUND' });
    expect(await call('run')).toBe('r');
  });

  it('in RUN_TASK take every command, and the module is left alone', async () => {
    const index = 'console.log(JSON.stringify([process.env.TASK_COMMAND, ...process.argv.slice(2)]));';
    await serve(
      { 'index.js': `${index} if (process.argv.length < 3) process.exit(9);` },
      { RUN_TASK: `node index.js` },
    );
    expect(await call('anything', 'a b', { c: 1 })).toEqual(['anything', 'a b', '{"c":1}']);
    expect(await call('other', 'x')).toEqual(['other', 'x']);
    expect(await call('../x', 'x')).toMatchObject({ code: 'COMMAND_NOT_FOUND' });
  });

  it('come before functions, functions before files', async () => {
    await serve({
      'manifest.json': JSON.stringify({ commands: { a: 'echo manifest' } }),
      'index.js': 'module.exports = { a: () => "function", b: () => "function" };',
      'handlers/a.sh': 'echo file',
      'handlers/b.sh': 'echo file',
      'handlers/c.sh': 'echo file',
    });
    expect([await call('a'), await call('b'), await call('c')]).toEqual(['manifest', 'function', 'file']);
  });
});

describe('files', () => {
  it('answer as scripts, as executables of any kind, and beside the manifest', async () => {
    await serve({
      'handlers/plain.sh': 'echo "plain $1"',
      'handlers/own.sh': '#!/usr/bin/env node\nconsole.log("node", process.argv[2])',
      'handlers/broken.sh': '#!/no/such/interpreter\necho "by sh $1"',
      'handlers/tool': '#!/bin/sh\necho "tool $1"',
      'handlers/data': 'not executable',
      beside: '#!/bin/sh\necho "beside $1"',
      'build.sh': '#!/bin/sh\necho built',
      install: '#!/bin/sh\necho installed',
    });
    expect(await call('plain', '1')).toBe('plain 1');
    expect(await call('own', '2')).toBe('node 2');
    expect(await call('broken', '3')).toBe('by sh 3');
    expect(await call('tool', '4')).toBe('tool 4');
    expect(await call('beside', '5')).toBe('beside 5');
    for (const name of ['data', 'build.sh', 'install', 'handlers', 'run']) {
      expect(await call(name)).toMatchObject({ code: 'COMMAND_NOT_FOUND' });
    }
  });

  it('that print too much, too long arguments and grandchildren that linger are held in bounds', async () => {
    await serve({
      'handlers/flood.sh': 'yes',
      'handlers/noisy.sh': 'head -c 200000 /dev/zero | tr "\\0" e >&2; echo >&2; echo last >&2; exit 1',
      'handlers/linger.sh': 'sleep 20 & echo $! > pid; echo done',
      'handlers/hello.sh': 'echo hello',
    });
    expect(await call('flood')).toMatchObject({
      code: 'HANDLER_FAILED',
      message: expect.stringContaining('printed more'),
    });
    const noisy = (await call('noisy')) as { details: { stderr: string }; message: string };
    expect(noisy.details.stderr.length).toBeLessThanOrEqual(65_537);
    expect(noisy.message).toBe('noisy ended with exit code 1: last');
    expect(await call('hello', 'x'.repeat(3_000_000))).toMatchObject({ code: 'PAYLOAD_INVALID' });
    expect(await call('linger')).toBe('done');
    process.kill(Number(folder!.read('pid')), 'SIGKILL');
  });

  it('run a bounded number at one time, and one that waits can still run out of time', async () => {
    await serve(
      {
        'handlers/gate.sh': 'echo x >> entered; while [ ! -e open ]; do sleep 0.02; done',
        'index.js': 'exports.open = () => require("fs").writeFileSync("open", "");',
      },
      { PLOINKY_MAX_PROGRAMS: '2' },
    );
    const signal = new AbortController().signal;
    const two = [task('gate'), task('gate')].map((given) => transport.call(folder!.address, given, signal));
    const late = await transport.call(folder!.address, task('gate', [], { timeoutMs: 200 }), signal);
    expect(late).toMatchObject({ success: false, error: { code: 'TASK_TIMEOUT' } });
    await call('open');
    await Promise.all(two);
    expect(folder!.read('entered')).toBe('x\nx\n');
  });
});
