import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import type { Ground } from './ground.ts';
import { pathOf, postgres } from './packages.ts';
import { detached, endOf } from './start-program.ts';

/** A PostgreSQL of its own with the settings that it has by itself, on a socket: every commit is synced. */
export async function startPostgres(ground: Ground): Promise<{ readonly pid: number; readonly url: string }> {
  const program = pathOf(postgres) ?? postgres.program;
  const folder = ground.make('postgres');
  const data = join(folder, 'data');
  const user = userFor(folder);
  if (user !== null) chmodSync(ground.folder, 0o711);
  const as = { cwd: folder, env: { PATH: process.env.PATH ?? '' }, ...user };
  execFileSync(
    join(dirname(program), 'initdb'),
    ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    {
      ...as,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const settings = { listen_addresses: '', unix_socket_directories: folder, log_min_messages: 'fatal' };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(program, ['-D', data, ...args], { ...as, stdio: ['ignore', 'ignore', 'ignore'], detached });
  ground.atEnd(() => endOf(child, 'SIGINT'));
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('postgres ended')));
  ended.catch(() => {});
  const url = `postgresql:///postgres?host=${encodeURIComponent(folder)}&user=bench`;
  while (!(await answers(url))) await Promise.race([wait(50), ended]);
  return { pid: child.pid as number, url };
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** It refuses to be root's: then the folder and the process belong to the user that its package made. */
function userFor(folder: string): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (what: string) => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
  const [uid, gid] = [id('-u'), id('-g')];
  chownSync(folder, uid, gid);
  return { uid, gid };
}
