import { type Appointment, Heap } from './heap.ts';

/** Those of the process, before anything is replaced. */
const real = {
  setImmediate: globalThis.setImmediate,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  clearImmediate: globalThis.clearImmediate,
  Date: globalThis.Date,
  performanceNow: performance.now,
  abortTimeout: AbortSignal.timeout,
  random: Math.random,
};

/** What a timer of the server gets: everything that code asks of a timer of Node. */
class Timer {
  appointment: Appointment | null = null;
  unref(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
}

/** When the simulated world begins. */
const epoch = real.Date.parse('2026-01-01T00:00:00.000Z');

/** Of what the server may do: which life it is, and whether it is alive at all. */
export interface Lives {
  readonly life: number;
  readonly down: boolean;
}

/**
 * Time that passes only when nothing is left to do. The world makes appointments with `after`; the timers of the server
 * are those of the process, which this stands in for, and end with the life of the server that set them.
 */
export class VirtualTime {
  /** Milliseconds since the beginning; never jumps. */
  now = 0;
  /** Somebody set the clock of the machine so much forward. */
  wallOffset = 0;
  /** What the clock of a process counts from. */
  booted = 0;
  /** Appointments that were kept. */
  steps = 0;
  readonly #heap = new Heap();
  #order = 0;
  readonly #lives: Lives;
  /** Milliseconds that a timer of the server is late. */
  readonly #late: () => number;
  readonly #chance: () => number;

  constructor(lives: Lives, late: () => number, chance: () => number) {
    this.#lives = lives;
    this.#late = late;
    this.#chance = chance;
  }

  /** Milliseconds since 1970, as the machine's clock says. */
  wall(): number {
    return Math.floor(epoch + this.now + this.wallOffset);
  }

  /** Something of the world happens in so many milliseconds. */
  after(ms: number, happen: () => void): Appointment {
    return this.#appoint(this.now + Math.max(0, ms), happen);
  }

  /** The next appointment is kept. False when there is none. */
  async step(): Promise<boolean> {
    let next = this.#heap.pop();
    while (next && next.happen === null) next = this.#heap.pop();
    if (!next) return false;
    this.now = next.due;
    this.steps += 1;
    const { happen } = next;
    next.happen = null;
    happen?.();
    await settled();
    return true;
  }

  /** From now on all timers and clocks of this process are these, and its chance is that of the world. */
  install(): void {
    const wall = () => this.wall();
    Object.assign(globalThis, {
      setTimeout: (work: (...args: unknown[]) => void, ms = 1, ...args: unknown[]) =>
        this.#set(Math.max(1, Number(ms) || 1) + this.#late(), () => work(...args)),
      setInterval: (work: (...args: unknown[]) => void, ms = 1, ...args: unknown[]) => {
        const every = Math.max(1, Number(ms) || 1);
        const timer = new Timer();
        const again = () => {
          timer.appointment = this.#set(every, () => {
            again();
            work(...args);
          }).appointment;
        };
        again();
        return timer;
      },
      setImmediate: (work: (...args: unknown[]) => void, ...args: unknown[]) => this.#set(0, () => work(...args)),
      clearTimeout: cancel,
      clearInterval: cancel,
      clearImmediate: cancel,
      Date: class extends real.Date {
        constructor(...given: []) {
          if (given.length === 0) super(wall());
          else super(...given);
        }
        static override now(): number {
          return wall();
        }
      },
    });
    Math.random = this.#chance;
    performance.now = () => this.now - this.booted;
    AbortSignal.timeout = (ms: number) => {
      const controller = new AbortController();
      this.#set(ms, () =>
        controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      );
      return controller.signal;
    };
  }

  uninstall(): void {
    const { performanceNow, abortTimeout, random, ...globals } = real;
    Math.random = random;
    Object.assign(globalThis, globals);
    performance.now = performanceNow;
    AbortSignal.timeout = abortTimeout;
  }

  /** A timer of the server. Of one that is no more nothing happens. */
  #set(ms: number, work: () => void): Timer {
    const timer = new Timer();
    const { life, down } = this.#lives;
    if (down) return timer;
    timer.appointment = this.#appoint(this.now + ms, () => {
      if (this.#lives.life === life && !this.#lives.down) work();
    });
    return timer;
  }

  #appoint(due: number, happen: () => void): Appointment {
    this.#order += 1;
    const appointment = { due, order: this.#order, happen };
    this.#heap.push(appointment);
    return appointment;
  }
}

function cancel(timer: unknown): void {
  if (timer instanceof Timer && timer.appointment) timer.appointment.happen = null;
}

/** Everything that follows from what just happened, without time passing, has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => real.setImmediate(resolve));
}

/** Of this machine, for figures. */
export function realNow(): number {
  return real.performanceNow.call(performance);
}
