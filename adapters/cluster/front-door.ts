import { createServer, type Server, type Socket } from 'node:net';
import { type HttpAddress, httpAddress } from '../http/http-address.ts';
import { listenOn } from '../http/listeners.ts';
import { keepAliveDelayMs } from '../http/new-server.ts';

/**
 * The port of a server whose workers take the requests. It stays with the process that owns the log: no worker's end
 * closes it, and when this process ends, it is free at once.
 */
export class FrontDoor {
  readonly #offer: (socket: Socket) => void;
  #servers: readonly Server[] = [];

  constructor(offer: (socket: Socket) => void) {
    this.#offer = offer;
  }

  /** @throws PloinkyError PORT_IN_USE, BIND_REFUSED */
  async listen(host: string | undefined, port: number): Promise<HttpAddress> {
    // Not a byte is read here: it would be lost to the worker.
    const options = { pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs };
    this.#servers = await listenOn(host, port, () => createServer(options, (socket) => this.#accept(socket)));
    return httpAddress(this.#servers, host);
  }

  /** No new connections from here on. */
  close(): void {
    for (const server of this.#servers) server.close();
  }

  #accept(socket: Socket): void {
    // Its peer may go while it waits; a worker will find out.
    socket.on('error', () => {});
    this.#offer(socket);
  }
}
