import { chmod, mkdir, rm } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import { dirname } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/** An IPv6 loopback that is not there, or that the system does not let us use, is no reason not to serve IPv4. */
const absent = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'EPROTONOSUPPORT', 'EPERM', 'EACCES']);
const portTries = 20;

/**
 * Listens, and returns the servers that do, all on one port. Without a host, or for `localhost`: on 127.0.0.1
 * and, where there is one, on ::1. Port 0 takes a free one.
 * @throws PloinkyError PORT_IN_USE, BIND_REFUSED when the system does not let us listen there
 */
export async function listenOn<S extends Server>(
  host: string | undefined,
  port: number,
  newServer: () => S,
): Promise<S[]> {
  if (host !== undefined && host !== 'localhost') {
    return [await listenOnce(newServer(), bare(host), port)];
  }
  for (let tries = 1; ; tries += 1) {
    const four = await listenOnce(newServer(), '127.0.0.1', port);
    const taken = (four.address() as AddressInfo).port;
    try {
      return [four, await listenOnce(newServer(), '::1', taken)];
    } catch (error) {
      if (absent.has(codeOf(error))) return [four];
      four.close();
      // A port that was free on IPv4 may be taken on IPv6; when any will do, another one is tried.
      if (port !== 0 || tries >= portTries) throw error;
    }
  }
}

/** Listens on a unix socket that only this user can open. A file left by a server that was killed is removed. */
export async function listenOnSocket<S extends Server>(server: S, path: string): Promise<S> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  await chmod(path, 0o600);
  return server;
}

function listenOnce<S extends Server>(server: S, host: string, port: number): Promise<S> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => reject(explain(error, host, port));
    server.once('error', refused);
    server.listen({ host, port, ipv6Only: host === '::1' }, () => {
      server.off('error', refused);
      resolve(server);
    });
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): PloinkyError {
  if (error.code === 'EADDRINUSE') {
    return new PloinkyError('PORT_IN_USE', `Port ${port} of ${host} is in use.`, { cause: error });
  }
  const hint = error.code === 'EACCES' ? 'Choose a port above 1023.' : 'Choose an address of this machine.';
  return new PloinkyError(
    'BIND_REFUSED',
    `The system does not let us listen on ${host}, port ${port}: ${error.code}.`,
    {
      hint,
      cause: error,
    },
  );
}

function codeOf(error: unknown): string {
  return ((error as PloinkyError).cause as NodeJS.ErrnoException | undefined)?.code ?? '';
}

function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
