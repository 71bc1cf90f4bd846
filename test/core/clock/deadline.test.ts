import { describe, expect, it } from 'vitest';
import { withDeadline } from '../../../core/clock/deadline.ts';

/** Work that ends only when its signal aborts. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

describe('a deadline', () => {
  it('ends the work with a TimeoutError', async () => {
    const never = new AbortController().signal;
    await expect(withDeadline(never, 5, untilAborted)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('passes the abort of its caller on, also one that came before', async () => {
    const caller = new AbortController();
    const outcome = withDeadline(caller.signal, 60_000, untilAborted);
    caller.abort(new Error('not wanted'));
    await expect(outcome).rejects.toThrow('not wanted');
    const late = withDeadline(caller.signal, 60_000, async (signal) => signal.aborted);
    expect(await late).toBe(true);
  });

  it('gives what the work gives', async () => {
    expect(await withDeadline(new AbortController().signal, 60_000, async () => 7)).toBe(7);
  });
});
