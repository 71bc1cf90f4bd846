import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { packageRoot } from '../../cli/package-root.ts';
import type { ServerUnderBench } from '../server-under-bench.ts';

/** One way to bring a program from its files to its first answer. */
export interface Way {
  readonly name: string;
  /** Ends when what it began is taken away again: nobody is measured beside the cleaning up of another. */
  once(): Promise<Once>;
}

export interface Once {
  /** From the start of the command to the first answer. */
  readonly ms: number;
  /** Milliseconds since 1970. */
  readonly begun: number;
  /** `domain/path` of what was deployed; null where that was nothing of ours. */
  readonly deployment: string | null;
}

const handler = "exports.hello = (name) => 'Hello, ' + name + '!';\n";
const service = `
const server = require('node:http').createServer((_request, response) => response.end('Hello!'));
server.listen(Number(process.env.PORT || 3000), process.env.PLOINKY_LISTEN_HOST || '0.0.0.0');
process.on('SIGTERM', () => process.exit(0));
`;

/** The same two programs for all ways, as files and as a Git repository. */
export class Programs {
  readonly folder = mkdtempSync(join(tmpdir(), 'pd-'));

  constructor() {
    const files = {
      'agent/manifest.json': '{}',
      'agent/index.js': handler,
      'service/manifest.json': JSON.stringify({ port: 3000, run: 'exec node server.js' }),
      'service/server.js': service,
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(this.folder, path, '..'), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
    const identity = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.invalid'];
    const git = (...args: string[]) => execFileSync('git', [...identity, ...args], { cwd: this.folder });
    git('init', '--quiet', '--initial-branch=main');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'Answer');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** `p-cli cloud deploy` of an agent, which is called, or of a web service. */
export function ploinkyWay(server: ServerUnderBench, token: string, agent: 'agent' | 'service'): Way {
  let last = 0;
  const deploy = (path: string) => ['cloud', 'deploy', 'localhost', path, agent, '--repository', 'own', '--json'];
  return {
    name: agent === 'agent' ? 'p-cli cloud deploy, an agent' : 'p-cli cloud deploy, a web service',
    async once() {
      last += 1;
      const path = `/${agent}${last}`;
      const env = { PLOINKY_SERVER_URL: server.url, PLOINKY_AUTH_TOKEN: token };
      const asked = agent === 'agent' ? ([`${path}/hello`, 'POST'] as const) : ([`${path}/`, 'GET'] as const);
      const begun = Date.now();
      const program = join(packageRoot(), 'dist/cli/p-cli.js');
      const command = () => started(process.execPath, [program, ...deploy(path)], env);
      const ms = await firstAnswer(server.url + asked[0], asked[1], command);
      await server.ask('DELETE', 'deployments', { domain: 'localhost', path });
      const deployment = `localhost${path}`;
      await removed(server, deployment);
      return { ms, begun, deployment };
    },
  };
}

/** `docker run -p` of the same image with the same program. */
export function dockerRunWay({ folder }: Programs, image: string): Way {
  return {
    name: 'docker run -p',
    async once() {
      const port = await freePort();
      const name = `bench-run-${port}`;
      const options = ['-d', '--name', name, '-p', `127.0.0.1:${port}:3000`, '-v', `${folder}/service:/agent`];
      const begun = Date.now();
      const command = () => started('docker', ['run', ...options, image, 'node', '/agent/server.js']);
      const ms = await firstAnswer(`http://127.0.0.1:${port}/`, 'GET', command);
      await ended(started('docker', ['rm', '--force', name]));
      return { ms, begun, deployment: null };
    },
  };
}

/** `docker-compose up -d` of a file with one service: the same image, program and port. */
export function composeWay({ folder }: Programs, image: string): Way {
  return {
    name: 'docker-compose up',
    async once() {
      const port = await freePort();
      const file = join(folder, 'compose.json');
      const one = {
        image,
        command: ['node', '/agent/server.js'],
        ports: [`127.0.0.1:${port}:3000`],
        volumes: [`${folder}/service:/agent`],
      };
      writeFileSync(file, JSON.stringify({ version: '2.4', services: { one } }));
      const compose = ['-f', file, '-p', `bench${port}`];
      const begun = Date.now();
      const command = () => started('docker-compose', [...compose, 'up', '-d']);
      const ms = await firstAnswer(`http://127.0.0.1:${port}/`, 'GET', command);
      await ended(started('docker-compose', [...compose, 'down', '-t', '1']));
      return { ms, begun, deployment: null };
    },
  };
}

/** Containers go after the answer to whoever removed a deployment. */
async function removed(server: ServerUnderBench, deployment: string): Promise<void> {
  const begun = performance.now();
  while (performance.now() - begun < patienceMs) {
    const gone = await server.lines(`history?deployment=${encodeURIComponent(deployment)}&type=container.removed`);
    if (gone.length > 0) return;
    await wait(askEveryMs);
  }
  throw new Error(`the container of ${deployment} was not removed within ${patienceMs} ms`);
}

function started(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env;
  const child = spawn(program, args, { env: { ...rest, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words.set(child, (words.get(child) ?? '') + text);
  });
  return child;
}

/** What the commands said of their troubles. */
const words = new WeakMap<ChildProcess, string>();

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, 'close');
  const command = child.spawnargs.slice(0, 4).join(' ');
  if (child.exitCode !== 0) throw new Error(`${command} ended with ${child.exitCode}: ${words.get(child) ?? ''}`);
}

const askEveryMs = 5;
const patienceMs = 60_000;

/** Milliseconds from the start of a command to the answer. The command may end before or after that. */
async function firstAnswer(url: string, method: string, start: () => ChildProcess): Promise<number> {
  const begun = performance.now();
  const command = start();
  while (performance.now() - begun < patienceMs) {
    const headers = { 'content-type': 'application/json' };
    const body = method === 'POST' ? { body: JSON.stringify({ params: ['you'] }) } : {};
    // Docker's own proxy takes connections before the program listens, and closes them.
    const signal = AbortSignal.timeout(1_000);
    const answer = await fetch(url, { method, headers, signal, ...body }).catch(() => null);
    await answer?.arrayBuffer().catch(() => {});
    if (answer?.status === 200) {
      const ms = performance.now() - begun;
      await ended(command);
      return ms;
    }
    if (command.exitCode !== null && command.exitCode !== 0) await ended(command);
    await wait(askEveryMs);
  }
  throw new Error(`${url} did not answer within ${patienceMs} ms`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
