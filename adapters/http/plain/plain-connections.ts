import type { Socket } from 'node:net';
import { answerBroken } from '../broken-requests.ts';
import type { Limits } from '../limits.ts';
import { PlainConnection, type PlainDoor, type PlainListener } from './plain-connection.ts';

/** The connections that Node's server has not been given, and the time that they may do nothing. */
export class PlainConnections {
  readonly #open = new Set<PlainConnection>();
  readonly #limits: Pick<Limits, 'keepAliveTimeoutMs' | 'headersTimeoutMs'>;
  readonly #door: PlainDoor;
  #timer: NodeJS.Timeout | null = null;

  /** @param handOver to Node's server */
  constructor(
    limits: Pick<Limits, 'keepAliveTimeoutMs' | 'headersTimeoutMs'>,
    serve: PlainListener,
    handOver: (socket: Socket) => void,
  ) {
    this.#limits = limits;
    this.#door = {
      keepAliveMs: limits.keepAliveTimeoutMs,
      serve,
      handOver: (connection, socket, bytes) => {
        this.#open.delete(connection);
        socket.unshift(bytes);
        handOver(socket);
        socket.resume();
      },
      gone: (connection) => this.#open.delete(connection),
    };
  }

  take(socket: Socket): void {
    this.#open.add(new PlainConnection(socket, this.#door));
    if (this.#timer !== null) return;
    const { keepAliveTimeoutMs, headersTimeoutMs } = this.#limits;
    const tickMs = Math.max(5, Math.min(1_000, keepAliveTimeoutMs / 4, headersTimeoutMs / 4));
    this.#timer = setInterval(() => this.#look(), tickMs);
    this.#timer.unref();
  }

  /** Ends those on which no answer is under way. */
  closeIdle(): void {
    for (const { idle, socket } of this.#open) if (idle) socket.destroy();
  }

  closeAll(): void {
    for (const { socket } of this.#open) socket.destroy();
  }

  #look(): void {
    const { keepAliveTimeoutMs, headersTimeoutMs } = this.#limits;
    const now = performance.now();
    for (const { idle, idleSince, asked, socket } of this.#open) {
      if (!idle) continue;
      if (asked) {
        if (now - idleSince > keepAliveTimeoutMs) socket.destroy();
      } else if (now - idleSince > headersTimeoutMs) {
        answerBroken(Object.assign(new Error('no request came'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
      }
    }
    if (this.#open.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
