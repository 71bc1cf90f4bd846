import { type UpstreamAddress, UpstreamConnection } from './upstream-connection.ts';

export interface UpstreamOptions {
  /** How long a service may take to begin its answer once it has the whole request; 0 for as long as it likes. */
  readonly answerTimeoutMs: () => number;
  /** Told when an exchange or a tunnel is over. */
  readonly onLess?: () => void;
}

/** What waits for the service until its deadline. */
export interface Waiting {
  /** `performance.now()`. */
  deadline: number;
  timedOut(): void;
}

/** Most services close an idle connection after 5 s; one second less, so that no request meets the closing door. */
const usualIdleMs = 4_000;
const longestIdleMs = 60_000;
const mostIdle = 512;
/** A request that must not be sent twice uses no connection that was idle for longer: it might just be closing. */
const surelyOpenMs = 1_000;

/** One service and the connections to it. */
export class Upstream {
  readonly address: UpstreamAddress;
  readonly #answerTimeoutMs: () => number;
  readonly #onLess: () => void;
  readonly #idle: UpstreamConnection[] = [];
  readonly #open = new Set<UpstreamConnection>();
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #tunnels = 0;

  constructor(address: UpstreamAddress, { answerTimeoutMs, onLess = () => {} }: UpstreamOptions) {
    this.address = address;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#onLess = onLess;
  }

  get answerTimeoutMs(): number {
    return this.#answerTimeoutMs();
  }

  /** Exchanges under way. */
  get load(): number {
    return this.#open.size - this.#idle.length;
  }

  /** As `load`, with connections that speak another protocol by now. */
  get busy(): number {
    return this.load + this.#tunnels;
  }

  /** A connection that is HTTP no more; its end has to be told with `tunnelEnded`. */
  tunnelBegan(): void {
    this.#tunnels += 1;
  }

  tunnelEnded(): void {
    this.#tunnels -= 1;
    this.#onLess();
  }

  /** A connection for one exchange: the one used last, or a new one. `repeatable`: the request may be sent again. */
  take(repeatable: boolean): UpstreamConnection {
    const now = performance.now();
    for (let last = this.#idle.at(-1); last !== undefined; last = this.#idle.at(-1)) {
      const idleMs = now - last.idleSince;
      if (idleMs > last.idleMs) {
        this.#idle.pop();
        last.abandon();
        continue;
      }
      if (!repeatable && idleMs > surelyOpenMs) break;
      this.#idle.pop();
      if (!last.socket.destroyed) return last;
    }
    return this.fresh();
  }

  fresh(): UpstreamConnection {
    const connection = new UpstreamConnection(this.address);
    this.#open.add(connection);
    connection.onClosed = () => {
      this.#open.delete(connection);
      this.#onLess();
    };
    return connection;
  }

  /** Back after a whole exchange; kept when the service keeps it. */
  give(connection: UpstreamConnection): void {
    const { head, socket } = connection;
    if (!head?.keepAlive || this.#closed || this.#idle.length >= mostIdle || socket.destroyed) {
      connection.abandon();
      return;
    }
    if (socket.isPaused()) socket.resume();
    const said = head.keepAliveSeconds;
    connection.idleMs = said === null ? usualIdleMs : Math.min(longestIdleMs, Math.max(0, said * 1000 - 1_000));
    connection.idleSince = performance.now();
    this.#idle.push(connection);
    this.#onLess();
    this.#watch();
  }

  /** Calls `timedOut` when the service has not begun its answer in time; again: from now on. */
  expect(waiting: Waiting): void {
    const { answerTimeoutMs } = this;
    if (answerTimeoutMs === 0) return;
    waiting.deadline = performance.now() + answerTimeoutMs;
    // Moved to the end: all have the same time, so that the first is always the next to be due.
    this.#waiting.delete(waiting);
    this.#waiting.add(waiting);
    this.#watch();
  }

  expectNoMore(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  /** Exchanges under way go on; afterwards nothing is left open. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#idle.splice(0)) connection.abandon();
  }

  /** Ends everything, also what is under way. */
  destroy(): void {
    this.close();
    for (const { socket } of this.#open) socket.destroy();
  }

  #watch(): void {
    if (this.#timer !== null) return;
    const tickMs = Math.max(5, Math.min(1_000, (this.answerTimeoutMs || 8_000) / 8));
    this.#timer = setInterval(() => this.#look(), tickMs);
    this.#timer.unref();
  }

  #look(): void {
    const now = performance.now();
    for (const waiting of this.#waiting) {
      if (waiting.deadline > now) break;
      this.#waiting.delete(waiting);
      waiting.timedOut();
    }
    let kept = 0;
    for (const connection of this.#idle) {
      if (now - connection.idleSince > connection.idleMs) connection.abandon();
      else if (!connection.socket.destroyed) this.#idle[kept++] = connection;
    }
    this.#idle.length = kept;
    if (this.#waiting.size > 0 || kept > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
