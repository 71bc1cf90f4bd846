import { type RequestListener, Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from '../limits.ts';
import type { PlainListener } from './plain-connection.ts';
import { PlainConnections } from './plain-connections.ts';

/** Node's server, behind connections that are served without it until something comes over one that is not plain. */
export class FrontServer extends Server {
  /** Gives a connection to Node's parser. */
  readonly parse: (socket: Socket) => void;
  readonly #plain: PlainConnections | null;

  constructor(
    options: ServerOptions & Pick<Limits, 'keepAliveTimeoutMs' | 'headersTimeoutMs'>,
    handle: RequestListener,
    plain: PlainListener | null,
  ) {
    super(options, handle);
    // What Node itself listens with; it may be given connections that were not accepted here (its event `connection`).
    const parsers = this.listeners('connection') as ((socket: Socket) => void)[];
    this.parse = (socket) => {
      for (const parser of parsers) parser.call(this, socket);
    };
    this.#plain = plain && new PlainConnections(options, plain, this.parse);
    if (this.#plain === null) return;
    this.removeAllListeners('connection');
    this.on('connection', (socket) => this.#plain?.take(socket));
  }

  override closeIdleConnections(): void {
    super.closeIdleConnections();
    this.#plain?.closeIdle();
  }

  override closeAllConnections(): void {
    super.closeAllConnections();
    this.#plain?.closeAll();
  }
}
