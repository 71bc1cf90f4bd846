import { describe, expect, it } from 'vitest';
import { abortSignalOf, type Cancellation } from '../../../core/clock/cancellation.ts';

class Leash implements Cancellation {
  aborted = false;
  reason: unknown = null;
  readonly listeners = new Set<() => void>();

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.delete(listener);
  }

  pull(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.listeners) listener();
  }
}

describe('a cancellation as an AbortSignal', () => {
  it('aborts with the same reason', () => {
    const leash = new Leash();
    const signal = abortSignalOf(leash);
    expect(signal.aborted).toBe(false);
    const reason = new Error('nobody waits');
    leash.pull(reason);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe(reason);
  });

  it('is aborted from the beginning where the cancellation is', () => {
    const leash = new Leash();
    leash.pull(new Error('too late'));
    expect(abortSignalOf(leash).reason).toBe(leash.reason);
  });

  it('is the very signal where it is one already', () => {
    const { signal } = new AbortController();
    expect(abortSignalOf(signal)).toBe(signal);
  });
});
