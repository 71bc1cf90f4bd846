import { chmodSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import type { Surroundings } from '../surroundings.ts';

/** Connections that may wait while the loop is busy: more than any gateway keeps. The kernel has its own limit, too. */
const backlog = 4096;

/** Listens, and answers where for people. Rejects when the address cannot be had. */
export async function listen(server: Server, address: Surroundings['listen']): Promise<string> {
  if (!('socket' in address)) {
    await bound(server, { host: address.host, port: address.port, backlog });
    const at = server.address();
    return `${address.host}:${typeof at === 'object' && at ? at.port : address.port}`;
  }
  // Bound under another name first, then moved over whatever a former process left: at no moment is there a socket
  // that refuses, and the permissions are right from the first moment on. The name is no longer than the real one,
  // because the path of a socket has room for 107 bytes only.
  const fresh = join(dirname(address.socket), 'new.sock');
  rmSync(fresh, { force: true });
  await bound(server, { path: fresh, backlog });
  // The gateway may be another user than the agent; the folders above keep everybody else out.
  chmodSync(fresh, 0o666);
  renameSync(fresh, address.socket);
  return address.socket;
}

function bound(server: Server, options: { path: string } | { host: string; port: number; backlog: number }) {
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      server.on('error', (error) => process.stderr.write(`AgentCore: ${error.message}\n`));
      resolve();
    });
  });
}
