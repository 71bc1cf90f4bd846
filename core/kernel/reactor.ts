import { withDeadline } from '../clock/deadline.ts';
import { isPloinkyError } from '../errors/ploinky-error.ts';

/** One thing to do in the world, as a reconciler asks for it: plain data. */
export interface Effect {
  /** The same wish has the same id: while it is under way it is not begun again. */
  readonly id: string;
  readonly kind: string;
  /** Effects of one lane run one after another, in the order asked for. */
  readonly lane: string;
  /** Milliseconds since 1970; not to be begun earlier. Never further ahead than `longestPauseMs`. */
  readonly notBefore?: number;
}

export interface EffectRunner<E extends Effect> {
  /** The whole attempt is aborted after this. */
  deadlineMs(effect: E): number;
  /** Does it and records its outcome. */
  run(effect: E, signal: AbortSignal): Promise<void>;
  /** After the last attempt: records the failure. */
  giveUp(effect: E, error: unknown): Promise<void>;
}

export interface ReactorOptions<E extends Effect> {
  /** Pure: what should happen now. Called often. */
  readonly reconcile: (now: number) => readonly E[];
  readonly runner: EffectRunner<E>;
  readonly now: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
  readonly onError: (effect: E, error: unknown) => void;
}

/** Conditions that pass by themselves; anything else fails at once. */
const passing = new Set(['GIT_UNREACHABLE', 'ENGINE_UNAVAILABLE', 'ENGINE_TIMEOUT', 'DISK_FULL', 'LOG_WRITE_FAILED']);
const attemptsPerRound = 3;
/**
 * Nothing is put off for longer, whatever the clock did since the event that the pause counts from. No reconciler asks for
 * more (a test compares).
 */
export const longestPauseMs = 300_000;
const longestBackoffMs = 60_000;
/** The longest sleep: a timer of the system may be late when the machine was suspended. */
const lookAgainMs = 60_000;

interface Running<E> {
  readonly effect: E;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/**
 * The react loop. It is level-triggered: each wake compares what is with what should be and begins what is missing.
 * A lost wake-up costs delay, never correctness; an effect nobody wants any more is aborted.
 */
export class Reactor<E extends Effect> {
  readonly #options: ReactorOptions<E>;
  readonly #running = new Map<string, Running<E>>();
  /**
   * Effects that are wanted later. The clock of the day is asked once, when the wish is first seen; then the pause is
   * measured, so that a clock that is set or stands still makes it neither longer nor end twice.
   */
  readonly #pauses = new Map<string, { notBefore: number; over: number }>();
  /** Effects that failed for good but are still wanted wait longer each time. */
  readonly #failures = new Map<string, { count: number; over: number }>();
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  #stopped = false;

  constructor(options: ReactorOptions<E>) {
    this.#options = options;
  }

  /** Many calls in one turn of the event loop look once. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#stopped) this.#look();
    });
  }

  /** Aborts what runs and waits for it to end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort(new Error('the server is stopping'));
    await Promise.all(running.map(({ ended }) => ended));
  }

  #look(): void {
    const now = this.#options.monotonic();
    const wanted = this.#options.reconcile(this.#options.now());
    const ids = new Set(wanted.map((effect) => effect.id));
    for (const [id, { abort }] of this.#running) {
      if (!ids.has(id)) abort.abort(new Error('no longer wanted'));
    }
    for (const memory of [this.#failures, this.#pauses]) {
      for (const id of memory.keys()) if (!ids.has(id)) memory.delete(id);
    }

    const busy = new Set([...this.#running.values()].map(({ effect }) => effect.lane));
    let next = Number.POSITIVE_INFINITY;
    for (const effect of wanted) {
      const due = Math.max(this.#pauseOf(effect), this.#failures.get(effect.id)?.over ?? 0);
      if (busy.has(effect.lane)) continue;
      if (due > now) {
        next = Math.min(next, due);
        continue;
      }
      busy.add(effect.lane);
      this.#begin(effect);
    }
    clearTimeout(this.#timer);
    if (next < Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.wake(), Math.min(next - now, lookAgainMs));
    }
  }

  /** When its pause is over, by the clock that never jumps. */
  #pauseOf({ id, notBefore = 0 }: E): number {
    const known = this.#pauses.get(id);
    if (known?.notBefore === notBefore) return known.over;
    const left = Math.min(Math.max(0, notBefore - this.#options.now()), longestPauseMs);
    const over = this.#options.monotonic() + left;
    this.#pauses.set(id, { notBefore, over });
    return over;
  }

  #begin(effect: E): void {
    const abort = new AbortController();
    const ended = this.#attempts(effect, abort.signal).finally(() => {
      this.#running.delete(effect.id);
      this.wake();
    });
    this.#running.set(effect.id, { effect, abort, ended });
  }

  async #attempts(effect: E, unwanted: AbortSignal): Promise<void> {
    const { runner, onError } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await withDeadline(unwanted, runner.deadlineMs(effect), (signal) => runner.run(effect, signal));
        this.#failures.delete(effect.id);
        return;
      } catch (error) {
        if (unwanted.aborted) return;
        const again = attempt < attemptsPerRound && isPloinkyError(error) && passing.has(error.code);
        if (again && (await pause(500 * 2 ** attempt, unwanted))) continue;
        if (unwanted.aborted) return;
        onError(effect, error);
        await runner.giveUp(effect, error).catch((failure: unknown) => onError(effect, failure));
        this.#postpone(effect);
        return;
      }
    }
  }

  #postpone(effect: E): void {
    const count = (this.#failures.get(effect.id)?.count ?? 0) + 1;
    const wait = Math.min(1_000 * 2 ** (count - 1), longestBackoffMs);
    this.#failures.set(effect.id, { count, over: this.#options.monotonic() + wait });
  }
}

/** True when the time has passed, false when aborted. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms, true);
    const stop = () => done(false);
    signal.addEventListener('abort', stop, { once: true });
    function done(passed: boolean) {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(passed);
    }
  });
}
