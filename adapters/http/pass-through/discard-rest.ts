import type { IncomingMessage } from 'node:http';

/** A client that goes on sending after its answer is heard for so long, so that it reads the answer, and no longer. */
const patienceBytes = 4 * 1024 * 1024;

/** Reads the rest of a body that nobody wants. A long one ends with the connection. */
export function discardRest(request: IncomingMessage): void {
  let seen = 0;
  request.on('data', (bytes: Buffer) => {
    seen += bytes.length;
    if (seen > patienceBytes) request.socket.destroy();
  });
  request.resume();
}
