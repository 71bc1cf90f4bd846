import type { Socket } from 'node:net';

interface State {
  /** Bytes that the peer's system has taken, when last looked at. */
  sent: number;
  stalls: number;
  used: boolean;
}

/** A peer that takes nothing for this long, though bytes wait for it, is gone, whatever its connection says. */
const stalledMs = 60_000;

/** The open connections of a server, and two kinds that Node would keep for ever. */
export class Connections {
  readonly #open = new Map<Socket, State>();
  readonly #watch: NodeJS.Timeout;

  constructor() {
    this.#watch = setInterval(() => this.dropStalled(), stalledMs / 2);
    this.#watch.unref();
  }

  get open(): Iterable<Socket> {
    return this.#open.keys();
  }

  add(socket: Socket): void {
    this.#open.set(socket, { sent: 0, stalls: 0, used: false });
    socket.once('close', () => this.#open.delete(socket));
  }

  /** A request came over it. */
  used(socket: Socket): void {
    const state = this.#open.get(socket);
    if (state) state.used = true;
  }

  /** Ends those that never asked for anything, which Node does not count as idle. */
  close(): void {
    clearInterval(this.#watch);
    for (const [socket, { used }] of this.#open) if (!used) socket.destroy();
  }

  /** Ends those whose peer has taken nothing since the last two looks. A quiet connection is not a stalled one. */
  dropStalled(): void {
    for (const [socket, state] of this.#open) {
      const sent = socket.bytesWritten - socket.writableLength;
      state.stalls = socket.writableLength > 0 && sent === state.sent ? state.stalls + 1 : 0;
      state.sent = sent;
      if (state.stalls >= 2) socket.destroy();
    }
  }
}
