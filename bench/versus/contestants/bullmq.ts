import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { callersLoad } from '../callers-load.ts';
import type { Contestant } from '../contestant.ts';
import type { Ground } from '../ground.ts';
import { pathOf, redis } from '../packages.ts';
import { detached, endOf, startProgram } from '../start-program.ts';

export const bullmqAlways = bullmq('always', 'each command synced');
export const bullmqEverysec = bullmq('everysec', 'synced once a second');

function bullmq(appendfsync: 'always' | 'everysec', synced: string): Contestant {
  return {
    name: `bullmq-${appendfsync}`,
    title: `BullMQ on Redis, ${synced}`,
    needs: [redis],
    async start(ground) {
      const { pid, socket } = await startRedis(ground, appendfsync);
      const worker = await startProgram(ground, 'bullmq-worker', { REDIS_SOCKET: socket, CONCURRENCY: '100' });
      const callers = await startProgram(ground, 'bullmq-callers', { REDIS_SOCKET: socket });
      return { load: callersLoad(callers), servers: () => [pid, callers.pid], agents: () => [worker.pid] };
    },
  };
}

async function startRedis(ground: Ground, appendfsync: string): Promise<{ pid: number; socket: string }> {
  const folder = ground.make(`redis-${appendfsync}`);
  const socket = join(folder, 'socket');
  const options = {
    port: '0',
    unixsocket: socket,
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync,
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(pathOf(redis) ?? redis.program, args, { stdio: ['ignore', 'ignore', 'inherit'], detached });
  ground.atEnd(() => endOf(child));
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('redis-server ended')));
  ended.catch(() => {});
  while (!existsSync(socket)) await Promise.race([wait(20), ended]);
  return { pid: child.pid as number, socket };
}
