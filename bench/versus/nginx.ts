import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './agent-core.ts';
import type { Ground } from './ground.ts';
import { nginx, pathOf } from './packages.ts';
import { detached, endOf } from './start-program.ts';

/**
 * nginx as a reverse proxy as its manual wants one: a worker per processor, connections to the upstream kept open, no
 * access log.
 * @param upstream as in `server` of nginx: `unix:/a/path` or `127.0.0.1:3000`
 */
export async function startNginx(
  ground: Ground,
  name: string,
  upstream: string,
): Promise<{ readonly pid: number; readonly url: string }> {
  const folder = ground.make(name);
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  // Started by root, its workers would become somebody who may not enter the folder of the socket.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const configuration = `
daemon off;
${user}
worker_processes auto;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')};
events { worker_connections 4096; }
http {
  access_log off;
  ${paths.map((path) => `${path}_temp_path ${join(folder, path)};`).join('\n  ')}
  upstream agent { server ${upstream}; keepalive 256; keepalive_requests 100000000; }
  keepalive_requests 100000000;
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://agent; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration);
  const args = ['-c', file, '-p', folder, '-e', join(folder, 'error.log')];
  const child = spawn(pathOf(nginx) ?? nginx.program, args, { stdio: ['ignore', 'inherit', 'inherit'], detached });
  ground.atEnd(() => endOf(child));
  await Promise.race([listening(port), once(child, 'exit').then(() => Promise.reject(new Error('nginx ended')))]);
  return { pid: child.pid as number, url: `http://127.0.0.1:${port}` };
}

/** Resolves when somebody takes connections there. */
export async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await wait(20);
    } finally {
      socket.destroy();
    }
  }
}
