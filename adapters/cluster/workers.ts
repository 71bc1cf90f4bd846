import type { Socket } from 'node:net';
import type { WorkerView, Workforce } from '../http/workforce.ts';
import type { Logger } from '../pipeline/world.ts';
import { Seat, type SeatParts } from './seat.ts';

export interface WorkersParts extends SeatParts {
  /** How many there are to be. */
  readonly count: number;
  /** Of all together; what comes beyond is closed. */
  readonly maxConnections: number;
  readonly logger: Logger;
}

/** One that ended sooner ended quickly: the next waits longer each time. */
const quickMs = 10_000;
const shortestPauseMs = 100;
const longestPauseMs = 5_000;
const lookEveryMs = 1_000;

interface Place {
  seat: Seat | null;
  restarts: number;
  /** Quick ends in a row. */
  quick: number;
  timer: NodeJS.Timeout | undefined;
}

/** Keeps as many workers as there are to be, and shares connections out among them. */
export class Workers implements Workforce {
  readonly #parts: WorkersParts;
  readonly #places: Place[];
  /** Connections that came while no worker served. */
  #waiting: Socket[] = [];
  #next = 0;
  #closing = false;
  readonly #watch: NodeJS.Timeout;
  #firstServing: () => void = () => {};
  #firstFailed: (error: Error) => void = () => {};

  constructor(parts: WorkersParts) {
    this.#parts = parts;
    this.#places = Array.from({ length: parts.count }, () => {
      return { seat: null, restarts: 0, quick: 0, timer: undefined };
    });
    this.#watch = setInterval(() => {
      for (const { seat } of this.#places) seat?.look();
    }, lookEveryMs);
  }

  /** Resolves when one serves. Rejects when one ends before any does: they cannot work here. */
  async start(): Promise<void> {
    const first = new Promise<void>((resolve, reject) => {
      this.#firstServing = resolve;
      this.#firstFailed = reject;
    });
    for (const place of this.#places) this.#fill(place);
    await first;
  }

  list(): readonly WorkerView[] {
    return this.#places.flatMap(({ seat, restarts }) => (seat ? [seat.view(restarts)] : []));
  }

  async counted(): Promise<void> {
    await Promise.all(this.#places.map(({ seat }) => seat?.count()));
  }

  /** Resolves when no worker has anything under way in the container, or `signal` aborts. */
  async idle(container: string, signal: AbortSignal): Promise<void> {
    await Promise.all(this.#places.map(({ seat }) => seat?.idle(container, signal)));
  }

  /** Gives a connection to the worker with the fewest, in turn where several have as few. */
  offer(socket: Socket): void {
    if (this.#closing || this.#connections() >= this.#parts.maxConnections) {
      socket.destroy();
      return;
    }
    const seat = this.#choose();
    if (seat) seat.hand(socket);
    else this.#waiting.push(socket);
  }

  /** Answers under way are finished; after `graceMs` the workers are ended. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    clearInterval(this.#watch);
    for (const socket of this.#waiting.splice(0)) socket.destroy();
    for (const { timer } of this.#places) clearTimeout(timer);
    await Promise.all(this.#places.map(({ seat }) => seat?.drain(graceMs)));
  }

  #fill(place: Place): void {
    const seat: Seat = new Seat(this.#parts, {
      serving: () => {
        this.#firstServing();
        for (const socket of this.#waiting.splice(0)) this.offer(socket);
      },
      ended: (how, left) => this.#ended(place, seat, how, left),
    });
    place.seat = seat;
  }

  #ended(place: Place, seat: Seat, how: string, left: readonly Socket[]): void {
    place.seat = null;
    if (this.#closing) {
      for (const socket of left) socket.destroy();
      return;
    }
    const { logger, now } = this.#parts;
    this.#firstFailed(new Error(`a worker ended ${how}`));
    const quick = now() - seat.since < quickMs;
    place.quick = quick ? place.quick + 1 : 0;
    const pauseMs = quick ? Math.min(shortestPauseMs * 2 ** (place.quick - 1), longestPauseMs) : 0;
    logger.warn({ worker: seat.pid, pauseMs }, `a worker ended ${how}; another takes its place`);
    place.timer = setTimeout(() => {
      place.restarts += 1;
      this.#fill(place);
    }, pauseMs);
    for (const socket of left) this.offer(socket);
  }

  #choose(): Seat | null {
    let best: Seat | null = null;
    const { length } = this.#places;
    this.#next = (this.#next + 1) % length;
    for (let step = 0; step < length; step += 1) {
      const seat = this.#places[(this.#next + step) % length]?.seat;
      if (seat?.serving && (!best || seat.connections < best.connections)) best = seat;
    }
    return best;
  }

  #connections(): number {
    return this.#places.reduce((sum, { seat }) => sum + (seat?.connections ?? 0), this.#waiting.length);
  }
}
