import { describe, expect, it } from 'vitest';
import { lastSeen } from '../../../../adapters/http/management/last-seen.ts';
import type { Release } from '../../../../projections/releases.ts';

const [a, b, c] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)];
const failure = { stage: 'start', problem: { code: 'X', message: 'It broke.', hint: null }, log: null };

function release(n: number, status: Release['status'], commit: string, more: Partial<Release> = {}): Release {
  const push = { repository: 'r', branch: 'main', commit, seenBy: 'poll' as const };
  return { n, status, trigger: 'push', push, source: null, failure: null, servedAt: null, ...more } as Release;
}

function seen(releases: readonly Release[], routed: number | null, head: string | null = null) {
  const views = { releases: new Map(releases.map((one) => [`localhost/x#${one.n}`, one])) };
  return lastSeen(views as never, { id: 'localhost/x', latest: releases.length, routed }, head);
}

describe('the commit that a watched branch was seen at', () => {
  const served = release(1, 'retired', a, { servedAt: 3 });
  const serves = release(2, 'serving', b);
  const failed = release(3, 'failed', c, { failure });

  it.each([
    ['serves', [served, serves], 2, b, 'serving', 2],
    ['served before', [served, serves], 2, a, 'served', 1],
    ['was given up for a newer one', [release(1, 'retired', a), serves], 2, a, 'superseded', 1],
    ['is being released', [served, release(2, 'installed', b)], 1, b, 'pending', 2],
    ['has no release', [served, serves], 2, c, 'waiting', null],
  ] as const)('%s', (_what, releases, routed, head, outcome, n) => {
    expect(seen(releases, routed, head)).toMatchObject({ commit: head, outcome, release: n, failure: null });
  });

  it('failed, with what failed', () => {
    expect(seen([served, serves, failed], 2, c)).toEqual({ commit: c, outcome: 'failed', release: 3, failure });
  });

  it('is that of the newest release which no rollback made, where nobody has asked yet', () => {
    const back = release(4, 'serving', a, { trigger: 'rollback' });
    expect(seen([served, serves, failed, back], 4)).toMatchObject({ commit: c, outcome: 'failed', release: 3 });
    expect(seen([], null)).toBeNull();
  });

  it('serves, whatever became of a later release of the same commit', () => {
    expect(seen([served, serves, release(3, 'failed', b, { failure })], 2, b)?.outcome).toBe('serving');
  });
});
