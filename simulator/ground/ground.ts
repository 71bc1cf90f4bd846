import { Random } from './random.ts';
import { Trace } from './trace.ts';
import { type Lives, VirtualTime } from './virtual-time.ts';

/** Something that must never be. */
export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

/** How the server ended. A power cut takes containers with it, and what no disk has taken yet. */
export type Crash = 'kill' | 'power';

/** How likely it is that things go wrong, each from 0 to 1. Nothing does once faults have stopped. */
export interface Odds {
  /** A write to the log fails; whether it was stored nobody says. */
  readonly write: number;
  /** A request to an engine is refused or its answer is lost. */
  readonly engine: number;
  /** An event of an engine is lost or told twice. */
  readonly notice: number;
  /** A message to an agent or its answer is lost. */
  readonly agent: number;
  /** A conversation with a Git remote breaks. */
  readonly git: number;
}

/**
 * What the scripted world rests on: one clock, one source of chance, one trace. The server lives several lives here; what
 * a former one still waits for never comes.
 */
export class Ground implements Lives {
  readonly seed: number;
  readonly random: Random;
  readonly time: VirtualTime;
  readonly trace: Trace;
  life = 0;
  down = true;
  odds: Odds = calm;
  /** Nothing fails any more. */
  calmed = false;
  violation: Violation | null = null;
  /** Told when the server is to end at once. */
  onCrash: (how: Crash) => void = () => {};
  /** So many effects on the world until the server ends; Infinity = not. */
  crashAfter = Number.POSITIVE_INFINITY;

  constructor(seed: number, onLine?: (line: string) => void) {
    this.seed = seed;
    this.random = new Random(seed);
    this.trace = new Trace(onLine);
    const late = new Random(`timers ${seed}`);
    this.time = new VirtualTime(
      this,
      () => (late.chance(0.1) ? late.between(0, 5) : 0),
      () => this.random.next(),
    );
  }

  tell(text: string): void {
    this.trace.tell(this.time.now, text);
  }

  /** The first one counts. */
  fail(invariant: string, message: string): void {
    if (this.violation) return;
    this.violation = new Violation(invariant, message);
    this.tell(`VIOLATED ${invariant}: ${message}`);
  }

  /**
   * Something that the server asks of the world: it takes a while, and its answer is heard only in the life that asked.
   * @param work what it comes to, at that time; it may throw
   */
  ask<T>(ms: number, work: () => T): Promise<T> {
    const { life } = this;
    return new Promise((resolve, reject) => {
      if (this.down) return;
      this.time.after(ms, () => {
        if (this.life !== life || this.down) return;
        try {
          const answer = work();
          if (this.life === life && !this.down) resolve(answer);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** The world was just changed for the server; it may end before it hears of it. */
  boundary(what: string): void {
    if (this.down) return;
    this.crashAfter -= 1;
    if (this.crashAfter >= 0) return;
    this.crashAfter = Number.POSITIVE_INFINITY;
    this.tell(`crash right after ${what}`);
    this.onCrash('kill');
  }

  happens(probability: number): boolean {
    return probability > 0 && this.random.chance(probability);
  }
}

export const calm: Odds = { write: 0, engine: 0, notice: 0, agent: 0, git: 0 };
