import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { git } from '../agent-repository.ts';

/** Often, so that no test waits long; each of the checks may fail once. */
export const often = { interval: 200, timeout: 400, failures: 2 } as const;

const handlers = `
const { existsSync } = require('node:fs');
// AgentCore keeps an agent from ending by process.exit().
console.log('up and about');
if (existsSync(__dirname + '/crash')) { console.error('the disk is on fire'); process.reallyExit(7); }
module.exports = {
  hello: (name) => 'Hello, ' + name + '!',
  leave(code) { setTimeout(() => process.reallyExit(Number(code)), 20); return 'bye'; },
  neverYields() { for (;;); },
  hog: () => Buffer.alloc(400 * 1024 * 1024, 1).length,
};
`;

/** Answers /ready with the status in the file beside it, where there is one. */
const service = `
const { createServer } = require('node:http');
const { existsSync, readFileSync } = require('node:fs');
const status = __dirname + '/status';
const server = createServer((request, response) => {
  response.statusCode = request.url === '/ready' && existsSync(status) ? Number(readFileSync(status, 'utf8')) : 200;
  if (request.url === '/close') server.close();
  response.end(request.url);
});
server.listen(process.env.PORT, process.env.PLOINKY_LISTEN_HOST);
`;

function agent(manifest: object): Record<string, string> {
  return { 'manifest.json': JSON.stringify(manifest), 'index.js': handlers };
}

const agents: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  watched: agent({ health: often, network: 'none' }),
  plain: agent({ network: 'none' }),
  // To begin a program in a container takes an engine its time.
  checked: agent({
    network: 'none',
    health: { ...often, timeout: 10_000, exec: 'echo looking; test ! -e /agent/broken' },
  }),
  onFailure: agent({ network: 'none', restart: 'on-failure' }),
  once: agent({ network: 'none', restart: 'never' }),
  small: agent({ network: 'none', resources: { memory: '96m' } }),
  service: {
    'manifest.json': JSON.stringify({ run: 'node service.js', port: 3000, health: { ...often, http: '/ready' } }),
    'service.js': service,
  },
  tcp: {
    'manifest.json': JSON.stringify({ run: 'node service.js', port: 3000, health: { ...often, tcp: true } }),
    'service.js': service,
  },
  neverReady: {
    'manifest.json': JSON.stringify({
      run: 'echo warming up; node service.js',
      port: 3000,
      // Longer than Node takes to begin on a busy machine: it has to answer, wrongly.
      health: { ...often, http: '/ready', status: 204, startTimeout: '4s' },
    }),
    'service.js': service,
  },
  deaf: {
    'manifest.json': JSON.stringify({ run: 'node service.js', port: 3000, health: { startTimeout: '1s' } }),
    'service.js': `
const lines = ['out 1', 'err 2', 'out 3', 'err 4', 'out 5', 'err 6', 'out 7'];
const tell = () => {
  const line = lines.shift();
  if (line === undefined) return;
  console[line.slice(0, 3) === 'out' ? 'log' : 'error'](line);
  setTimeout(tell, 20);
};
tell();
setInterval(() => {}, 1000);
`,
  },
  neverWell: agent({ network: 'none', health: { ...often, exec: 'echo no luck; exit 3', startTimeout: '1s' } }),
};

/** A Git repository with all of them. */
export function makeSupervised(folder: string): string {
  for (const [name, files] of Object.entries(agents)) {
    for (const [file, content] of Object.entries(files)) {
      const path = join(folder, name, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  }
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'Give something to watch over');
  return folder;
}
