/** How far something is that takes long. */
export interface Step {
  readonly stage: string;
  readonly done: number;
  /** Null when nobody knows. */
  readonly of: number | null;
  /** Milliseconds since the stage began. */
  readonly elapsedMs: number;
  /** Done in a second, on average over the stage. */
  readonly rate: number;
}

/** Between two steps of one stage that are told. */
const everyMs = 200;

/**
 * Runs work that tells how far it is, and yields its steps: each stage's first at once, then a few in a second, and its
 * last.
 * Returns what the work returns and throws what it throws. Where nobody takes more steps, the work
 * ends at its next one, and that is waited for.
 */
export async function* steps<T>(
  now: () => number,
  work: (tell: (stage: string, done: number, of: number | null) => void) => Promise<T>,
): AsyncGenerator<Step, T> {
  let waiting: Step[] = [];
  let held: Step | null = null;
  let wake = () => {};
  let stage = '';
  let since = 0;
  let told = 0;
  let ended = false;
  let left = false;
  const tell = (name: string, done: number, of: number | null) => {
    if (left) throw new Error('Nobody waits for this any more.');
    const at = now();
    const fresh = name !== stage;
    if (fresh) {
      tellHeld();
      [stage, since] = [name, at];
    }
    const elapsedMs = Math.round(at - since);
    const rate = elapsedMs === 0 ? 0 : Math.round((1000 * done) / elapsedMs);
    held = { stage, done, of, elapsedMs, rate };
    if (!fresh && at - told < everyMs) return;
    told = at;
    tellHeld();
    wake();
  };
  // The last one of a stage says how much there was of it.
  const tellHeld = () => {
    if (held) waiting.push(held);
    held = null;
  };
  const result = work(tell).finally(() => {
    ended = true;
    tellHeld();
    wake();
  });
  // Thrown below, when its turn comes.
  result.catch(() => {});
  try {
    for (;;) {
      const told = waiting;
      waiting = [];
      yield* told;
      if (waiting.length > 0) continue;
      if (ended) return await result;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    left = true;
    // It has its own things to clean up.
    await result.catch(() => {});
  }
}
