import { rm } from 'node:fs/promises';
import { connect } from 'node:net';

/**
 * Removes a unix socket that nobody listens on any more: a program that ended without tidying up could not listen there
 * again. One that is in use stays.
 */
export async function dropStaleSocket(path: string): Promise<void> {
  if (await isRefused(path)) await rm(path, { force: true });
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
