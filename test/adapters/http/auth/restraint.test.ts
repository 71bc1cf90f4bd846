import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Denial, DeniedAccess } from '../../../../adapters/http/auth/denied-access.ts';
import { LoginLimiter } from '../../../../adapters/http/auth/login-limiter.ts';

describe('LoginLimiter', () => {
  let now = 0;
  const limiter = () => new LoginLimiter(() => now);
  beforeEach(() => {
    now = 1_000_000;
  });

  it('makes an address wait a minute after ten failures, and no other', () => {
    const one = limiter();
    for (let i = 0; i < 9; i += 1) one.failed('a');
    expect(one.waitSeconds('a')).toBe(0);
    one.failed('a');
    expect(one.waitSeconds('a')).toBe(60);
    expect(one.waitSeconds('b')).toBe(0);
    now += 59_001;
    expect(one.waitSeconds('a')).toBe(1);
    now += 999;
    expect(one.waitSeconds('a')).toBe(0);
  });

  it('forgets failures that are a minute old', () => {
    const one = limiter();
    for (let i = 0; i < 9; i += 1) one.failed('a');
    now += 60_000;
    one.failed('a');
    expect(one.waitSeconds('a')).toBe(0);
  });

  it('remembers a bounded number of addresses, the newest', () => {
    const one = limiter();
    for (let i = 0; i < 10; i += 1) one.failed('first');
    for (let i = 0; i < 10_000; i += 1) one.failed(`address ${i}`);
    expect(one.waitSeconds('first')).toBe(0);
  });
});

describe('DeniedAccess', () => {
  let reported: Denial[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    reported = [];
  });
  afterEach(() => vi.useRealTimers());

  it('reports the first at once and the rest once a second, counted', () => {
    const denied = new DeniedAccess((denial) => reported.push(denial));
    denied.note('GET', '/a', 'why');
    expect(reported).toEqual([{ method: 'GET', route: '/a', reason: 'why', count: 1 }]);
    for (let i = 0; i < 500; i += 1) denied.note('GET', '/a', 'why');
    expect(reported).toHaveLength(1);
    expect(denied.pending).toBe(500);
    vi.advanceTimersByTime(1_000);
    expect(reported).toHaveLength(2);
    expect(reported[1]).toEqual({ method: 'GET', route: '/a', reason: 'why', count: 500 });
    vi.advanceTimersByTime(10_000);
    expect(reported).toHaveLength(2);
    denied.note('GET', '/b', 'why');
    expect(reported).toHaveLength(3);
  });

  it('names what several had in common', () => {
    const denied = new DeniedAccess((denial) => reported.push(denial));
    denied.note('GET', '/a', 'why');
    denied.note('GET', '/a', 'why');
    denied.note('POST', '/a', 'why');
    denied.close();
    expect(reported[1]).toEqual({ method: '(several)', route: '/a', reason: 'why', count: 2 });
  });
});
