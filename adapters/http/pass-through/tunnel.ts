import type { Socket } from 'node:net';

export interface Tunnelled {
  /** Bytes from the client to the service, and back. */
  readonly sent: number;
  readonly received: number;
  readonly outcome: 'whole' | 'clientGone' | 'serviceGone';
}

/** Each side's open tunnels, by the client's socket. */
const open = new Map<Socket, Socket>();

/**
 * Bytes both ways, as fast as the slower side takes them. One side may end and the other go on; when both have ended,
 * or one broke, both are closed and `done` is told.
 */
export function tunnel(client: Socket, service: Socket, done: (tunnelled: Tunnelled) => void): void {
  const sentBefore = service.bytesWritten;
  const receivedBefore = service.bytesRead;
  let outcome: Tunnelled['outcome'] = 'whole';
  let left = 2;
  open.set(client, service);
  client.setNoDelay(true);
  join(client, service);
  join(service, client);
  client.on('error', () => {
    outcome = 'clientGone';
  });
  service.on('error', () => {
    outcome = 'serviceGone';
  });
  const closed = () => {
    left -= 1;
    if (left > 0) return;
    open.delete(client);
    done({ sent: service.bytesWritten - sentBefore, received: service.bytesRead - receivedBefore, outcome });
  };
  client.once('close', closed);
  service.once('close', closed);
}

function join(from: Socket, to: Socket): void {
  from.on('data', (bytes: Buffer) => {
    if (!to.write(bytes)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  // The end of a side that broke has not been said to the other.
  from.once('close', () => {
    if (from.readableEnded && to.writableEnded) return;
    to.destroy();
  });
  from.resume();
}

/** Says farewell on the sockets of these clients, and closes what is left of them after `graceMs`. */
export function endTunnels(clients: Iterable<Socket>, graceMs: number): void {
  for (const client of clients) {
    const service = open.get(client);
    if (service === undefined) continue;
    client.end();
    service.end();
    const timer = setTimeout(() => {
      client.destroy();
      service.destroy();
    }, graceMs);
    client.once('close', () => clearTimeout(timer));
  }
}
