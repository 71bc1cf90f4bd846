import type { Socket } from 'node:net';
import { isoTime } from '../../core/clock/clock.ts';
import type { Denial } from '../http/auth/denied-access.ts';
import type { AuditedRequest } from '../http/traffic/audit-trail.ts';
import type { WorkerView } from '../http/workforce.ts';
import type { Feed, Follower } from './feed.ts';
import type { Begin, Counted, FromWorker } from './messages.ts';
import type { SpawnWorker, WorkerLink } from './spawn-worker.ts';
import { WorkerCalls, type WorkerCallsParts } from './worker-calls.ts';

export interface SeatParts extends Omit<WorkerCallsParts, 'send'> {
  readonly spawn: SpawnWorker;
  /** What a worker begins with, as it is at this moment. */
  readonly begin: () => Begin;
  readonly feed: Feed;
  readonly counted: (counted: Omit<Counted, 't' | 'n'>) => void;
  readonly audited: (request: AuditedRequest) => void;
  readonly denied: (denial: Denial) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface SeatEvents {
  /** It takes connections from now on. */
  readonly serving: () => void;
  /** Its worker ended. Those connections it had not taken yet. */
  readonly ended: (how: string, left: readonly Socket[]) => void;
}

/** Looks in a row at which nothing was heard of a worker. It speaks each second, and one look is as long. */
const mostSilence = 10;
const countedWithinMs = 1_000;

/** One worker from its start to its end. */
export class Seat {
  readonly since: number;
  readonly #parts: SeatParts;
  readonly #events: SeatEvents;
  readonly #link: WorkerLink;
  readonly #follower: Follower;
  readonly #calls: WorkerCalls;
  /** Handed over, not taken yet. */
  readonly #handed = new Map<number, Socket>();
  readonly #asked = new Map<number, () => void>();
  /** Who waits until a container is busy with nothing of the worker's. */
  readonly #untilIdle = new Map<number, () => void>();
  #lastNumber = 0;
  #taken = 0;
  #silence = 0;
  #draining = false;
  #gone = false;
  readonly ended: Promise<void>;

  constructor(parts: SeatParts, events: SeatEvents) {
    this.#parts = parts;
    this.#events = events;
    this.since = parts.now();
    let finish: () => void = () => {};
    this.ended = new Promise((resolve) => {
      finish = resolve;
    });
    this.#link = parts.spawn({
      message: (message) => this.#hear(message),
      exit: (how) => {
        this.#exit(how);
        finish();
      },
    });
    const begin = parts.begin();
    const send = this.#link.send;
    this.#calls = new WorkerCalls({ ...parts, send });
    // State and place in the feed belong together: nothing may be folded in between.
    this.#follower = parts.feed.join(
      { send: (list) => send({ t: 'events', events: list }), onLate: () => this.#link.kill() },
      begin.state.seq,
    );
    send(begin);
  }

  get pid(): number {
    return this.#link.pid;
  }

  /** May be given connections. */
  get serving(): boolean {
    return this.#follower.serving && !this.#draining;
  }

  /** Connections that it has or is about to have. */
  get connections(): number {
    return this.#taken + this.#handed.size;
  }

  view(restarts: number): WorkerView {
    const { pid, connections, serving } = this;
    return { pid, since: isoTime(this.since), restarts, connections, serving };
  }

  hand(socket: Socket): void {
    this.#lastNumber += 1;
    this.#handed.set(this.#lastNumber, socket);
    this.#link.hand(this.#lastNumber, socket);
  }

  /** Resolves when it has told what it counted so far, has ended, or does not say. */
  count(): Promise<void> {
    if (!this.serving) return Promise.resolve();
    this.#lastNumber += 1;
    const n = this.#lastNumber;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#asked.delete(n);
        resolve();
      };
      const timer = setTimeout(done, countedWithinMs);
      this.#asked.set(n, done);
      this.#link.send({ t: 'count', n });
    });
  }

  /**
   * Resolves when nothing of the worker's is under way in the container, `signal` aborts or the worker has ended. It must
   * have folded that nothing new goes there.
   */
  idle(container: string, signal: AbortSignal): Promise<void> {
    if (this.#gone || signal.aborted) return Promise.resolve();
    this.#lastNumber += 1;
    const n = this.#lastNumber;
    return new Promise((resolve) => {
      const done = () => {
        this.#untilIdle.delete(n);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#untilIdle.set(n, done);
      signal.addEventListener('abort', done, { once: true });
      this.#link.send({ t: 'untilIdle', n, container });
    });
  }

  /** Called once a second. One that was silent for long is stuck and is ended. */
  look(): void {
    this.#silence += 1;
    if (this.#silence > mostSilence) this.#link.kill();
  }

  /** It finishes what it has and ends; after `graceMs` it is ended. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    this.#link.send({ t: 'drain' });
    const timer = setTimeout(() => this.#link.kill(), graceMs);
    await this.ended;
    clearTimeout(timer);
  }

  #hear(message: FromWorker): void {
    this.#silence = 0;
    switch (message.t) {
      case 'folded': {
        const before = this.#follower.serving;
        this.#follower.folded(message.seq);
        if (!before && this.serving) this.#events.serving();
        return;
      }
      case 'took':
        this.#took(message.id);
        return;
      case 'left':
        this.#taken -= 1;
        return;
      case 'denied':
        this.#parts.denied(message.denial);
        return;
      case 'audited':
        this.#parts.audited(message.request);
        return;
      case 'idle':
        this.#untilIdle.get(message.n)?.();
        return;
      case 'counted':
        this.#parts.counted(message);
        this.#asked.get(message.n)?.();
        return;
      default:
        this.#calls.take(message);
    }
  }

  #took(id: number): void {
    const socket = this.#handed.get(id);
    if (!socket) return;
    this.#handed.delete(id);
    this.#taken += 1;
    // Only this process's hold of it.
    socket.destroy();
  }

  #exit(how: string): void {
    const left = [...this.#handed.values()];
    this.#handed.clear();
    this.#follower.gone();
    this.#calls.lost();
    this.#gone = true;
    for (const done of [...this.#asked.values(), ...this.#untilIdle.values()]) done();
    this.#events.ended(how, left);
  }
}
