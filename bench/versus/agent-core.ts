import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { packageRoot } from '../../cli/package-root.ts';
import type { Ground } from './ground.ts';
import { detached, endOf } from './start-program.ts';

export interface BenchAgent {
  readonly pid: number;
  /** On its socket; null where it listens on a port. */
  readonly socket: string | null;
  readonly port: number | null;
  readonly runFolder: string;
  readonly queueFolder: string;
}

/** The demo agent in the same AgentCore that containers get, on a socket, or on a port for who cannot use sockets. */
export function agentCore(ground: Ground, listen: 'socket' | 'tcp'): Promise<BenchAgent> {
  return ground.shared(`AgentCore ${listen}`, async () => {
    const root = packageRoot();
    const folder = ground.make(`agent-${listen}`);
    const [runFolder, queueFolder] = [join(folder, 'run'), join(folder, 'queue')];
    for (const each of [runFolder, queueFolder]) mkdirSync(each);
    const port = listen === 'tcp' ? await freePort() : null;
    const code = join(root, 'examples', 'demo');
    const child = spawn(process.execPath, [join(root, 'dist', 'agent-core', 'server.js')], {
      cwd: code,
      env: {
        PATH: process.env.PATH ?? '',
        AGENT_DIR: code,
        PLOINKY_RUN_DIR: runFolder,
        PLOINKY_QUEUE_DIR: queueFolder,
        ...(port === null ? {} : { PLOINKY_LISTEN: 'tcp', PLOINKY_LISTEN_HOST: '127.0.0.1', PORT: String(port) }),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached,
    });
    ground.atEnd(() => endOf(child));
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('AgentCore ended'))),
    ]);
    child.stdout.resume();
    const socket = port === null ? join(runFolder, 'agent.sock') : null;
    return { pid: child.pid as number, socket, port, runFolder, queueFolder };
  });
}

/** A port of loopback on which nobody listens now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
