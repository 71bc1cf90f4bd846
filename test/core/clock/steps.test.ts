import { describe, expect, it } from 'vitest';
import { type Step, steps } from '../../../core/clock/steps.ts';

async function taken<T>(work: AsyncGenerator<Step, T>): Promise<{ told: Step[]; result: T }> {
  const told: Step[] = [];
  for (;;) {
    const { done, value } = await work.next();
    if (done) return { told, result: value };
    told.push(value);
  }
}

/** Work that goes on by one each time the clock does. */
function counting(until: number, msEach: number) {
  let at = 0;
  return steps(
    () => at,
    async (tell) => {
      for (let i = 1; i <= until; i += 1) {
        await Promise.resolve();
        at += msEach;
        tell(i <= until / 2 ? 'first' : 'second', i, until);
      }
      return 'done';
    },
  );
}

describe('steps of something long', () => {
  it('tell a stage at once, then a few in a second, with the rate', async () => {
    const { told, result } = await taken(counting(100, 20));
    expect(result).toBe('done');
    expect(told.map(({ stage, done }) => `${stage} ${done}`)).toEqual([
      ...['first 1', 'first 11', 'first 21', 'first 31', 'first 41', 'first 50'],
      ...['second 51', 'second 61', 'second 71', 'second 81', 'second 91', 'second 100'],
    ]);
    expect(told.at(-1)).toEqual({ stage: 'second', done: 100, of: 100, elapsedMs: 980, rate: 102 });
  });

  it('pass the error of the work on', async () => {
    const work = steps(
      () => 0,
      async (tell) => {
        tell('a', 1, null);
        throw new Error('broken');
      },
    );
    await expect(taken(work)).rejects.toThrow('broken');
  });

  it('end the work when nobody takes them any more', async () => {
    let last = 0;
    const ended = new Promise<void>((resolve) => {
      const work = steps(
        () => 0,
        async (tell) => {
          try {
            for (let i = 1; ; i += 1) {
              tell('a', i, i);
              last = i;
              await new Promise(setImmediate);
            }
          } finally {
            resolve();
          }
        },
      );
      void work.next().then(() => work.return(undefined as never));
    });
    await ended;
    expect(last).toBeGreaterThan(0);
  });
});
