import { makeAgentRepository } from '../agent-repository.ts';

/** Handlers that do everything that handlers should not do, and some that behave. */
const handlers = `
const boot = require('node:crypto').randomUUID();
const runs = new Map();
module.exports = {
  hello: (name) => 'Hello, ' + name + '!',
  echo: (...params) => params,
  big: (length) => 'x'.repeat(Number(length)),
  blobLike: () => ({ $blob: 'a'.repeat(64), size: 12 }),
  boot: () => boot,
  environment: (name) => process.env[name] ?? null,
  async count(key, waitMs = 0) {
    runs.set(key, (runs.get(key) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, Number(waitMs)));
    return key;
  },
  runs: () => Object.fromEntries(runs),
  throws() { throw new Error('the cupboard is bare'); },
  throwsMuch() { throw new Error('m'.repeat(100_000)); },
  throwsOwn() { throw Object.assign(new Error('no more of these'), { code: 'OUT_OF_STOCK', details: { left: 0 } }); },
  throwsNothing() { throw undefined; },
  async rejects() { await null; throw new TypeError('later'); },
  noJson: () => ({ value: 1n }),
  circle() { const a = {}; a.a = a; return a; },
  never: () => new Promise(() => {}),
  neverYields() { for (;;); },
  hog: () => Buffer.alloc(400 * 1024 * 1024, 1).length,
  exits: () => process.exit(3),
  dies: () => process.kill(process.pid, 'SIGKILL'),
  stray() { setImmediate(() => { throw new Error('nobody catches this'); }); return 'fine'; },
};
`;

/** An AgentCore of its author's own, which is healthy and then talks nonsense. */
const liar = `
const { createServer } = require('node:http');
const { join } = require('node:path');
const answers = {
  '/health': [200, JSON.stringify({ status: 'ok', bootId: 'b1', transport: 'http', pid: process.pid })],
};
const of = {
  garbage: [200, 'this is no JSON'],
  shape: [200, JSON.stringify({ success: 'perhaps' })],
  teapot: [418, JSON.stringify({ success: true, data: 1 })],
  empty: [200, ''],
};
createServer((request, response) => {
  let text = '';
  request.on('data', (chunk) => { text += chunk; });
  request.on('end', () => {
    const known = answers[request.url];
    const { command } = known ? {} : JSON.parse(text || '{}');
    if (command === 'hangup') return response.destroy();
    const [status, body] = known ?? of[command] ?? of.garbage;
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
}).listen(join(process.env.PLOINKY_RUN_DIR, 'agent.sock'));
`;

/** Speaks a lot, and nothing that is cheap to store. */
const wordy = "process.stdout.write('\\u20ac\\u0001'.repeat(20_000)); process.exitCode = 9;";

const sad = 'echo working\necho "the disk is on fire" >&2\n';

/** Folder by folder: manifest and files. */
const agents: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  good: { 'manifest.json': '{"about":"behaves","network":"none"}', 'index.js': handlers },
  programs: {
    'manifest.json': JSON.stringify({
      commands: {
        exit1: `${sad}exit 1`,
        noJson: 'echo "this is {no JSON"',
        nothing: 'true',
        never: 'sleep 1000',
        loud: 'head -c 20000000 /dev/zero | tr "\\0" x',
        echo: 'printf "%s|"',
        killed: 'kill -9 $$',
        deep: 'head -c 300000 /dev/zero | tr "\\0" "["; head -c 300000 /dev/zero | tr "\\0" "]"',
        proto: `echo '{"__proto__":{"polluted":1},"constructor":{"prototype":{}}}'`,
      },
    }),
    'handlers/show.sh': '#!/bin/sh\nprintf "%s" "$1"\n',
  },
  liar: { 'manifest.json': '{"run":"node liar.js"}', 'liar.js': liar },
  noJson: { 'manifest.json': '{"about": "half a mani' },
  wrongField: { 'manifest.json': '{\n  "about": "x",\n  "environment": {"PORT": ["80"]}\n}' },
  privileged: { 'manifest.json': '{"privileged": true}' },
  badInstall: { 'manifest.json': JSON.stringify({ install: `${sad}exit 42` }), 'index.js': handlers },
  slowInstall: { 'manifest.json': '{"install":"sleep 600 & wait"}', 'index.js': handlers },
  litter: { 'manifest.json': '{"install":"sleep 600 & echo done"}', 'index.js': handlers },
  noProgram: { 'manifest.json': '{"run":"/no/such/program --fast"}' },
  earlyExit: { 'manifest.json': JSON.stringify({ run: `${sad}exit 7` }) },
  // Each of these characters is three bytes, and six in some encodings of JSON.
  wordyExit: { 'manifest.json': '{"run":"node wordy.js"}', 'wordy.js': wordy },
  wordyInstall: { 'manifest.json': '{"install":"node wordy.js"}', 'wordy.js': wordy },
  wordyHandler: { 'manifest.json': '{"commands":{"tell":"node wordy.js"}}', 'wordy.js': wordy },
  largeManifest: {
    'manifest.json': JSON.stringify({ environment: { LARGE: 'e'.repeat(20_000) } }),
    'index.js': handlers,
  },
  deaf: { 'manifest.json': '{"run":"echo I do not listen; sleep 600"}' },
  broken: { 'manifest.json': '{}', 'index.js': 'module.exports = {' },
  limited: {
    'manifest.json': JSON.stringify({ resources: { memory: '96m', cpu: 0.5 }, network: 'none' }),
    'index.js': handlers,
  },
  shell: {
    'manifest.json': '{"run":"sh /agentCore/queue.sh","commands":{"hello":"printf \\"Hello, %s!\\"","pid":"echo $$"}}',
    'handlers/slow.sh': '#!/bin/sh\nsleep "$1"\necho "\\"$2\\""\n',
    'handlers/fails.sh': '#!/bin/sh\necho "so sad" >&2\nexit 1\n',
  },
};

/** A real Git repository with the agents of the given names, or with all of them. */
export function makeRepository(folder: string, names: readonly string[] = Object.keys(agents)): string {
  const chosen = Object.fromEntries(names.map((name) => [name, agents[name] ?? {}]));
  return makeAgentRepository(folder, chosen, 'Make trouble');
}
