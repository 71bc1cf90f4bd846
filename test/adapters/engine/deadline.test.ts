import { afterEach, describe, expect, test, vi } from 'vitest';
import { withDeadline } from '../../../adapters/engine/deadline.ts';

const never = new AbortController().signal;
const hang = () => new Promise<never>(() => {});

afterEach(() => {
  vi.useRealTimers();
});

describe('a step with a deadline', () => {
  test('gives what the step gives', async () => {
    await expect(withDeadline(deadline(never, 1000), async () => 7)).resolves.toBe(7);
    const error = new Error('x');
    await expect(withDeadline(deadline(never, 1000), () => Promise.reject(error))).rejects.toBe(error);
  });

  test('settles when its time is up although the step hangs, and tells the step', async () => {
    vi.useFakeTimers();
    let inner: AbortSignal | null = null;
    const result = withDeadline(deadline(never, 1000), (signal) => {
      inner = signal;
      return hang();
    });
    const seen = expect(result).rejects.toMatchObject({
      code: 'ENGINE_TIMEOUT',
      message: 'Docker did not answer within 1000 ms: list containers.',
    });
    await vi.advanceTimersByTimeAsync(1000);
    await seen;
    expect(inner).toMatchObject({ aborted: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('settles when the caller gives up, before or after it began', async () => {
    const caller = new AbortController();
    const result = withDeadline(deadline(caller.signal, null), hang);
    caller.abort();
    await expect(result).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
    const step = vi.fn(hang);
    await expect(withDeadline(deadline(caller.signal, null), step)).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
    expect(step).not.toHaveBeenCalled();
  });
});

function deadline(signal: AbortSignal, ms: number | null) {
  return { signal, ms, who: 'Docker', what: 'list containers' };
}
