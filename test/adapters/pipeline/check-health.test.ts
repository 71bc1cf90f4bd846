import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { checkHealth } from '../../../adapters/pipeline/check-health.ts';
import { dataPaths } from '../../../adapters/pipeline/paths.ts';
import type { World } from '../../../adapters/pipeline/world.ts';
import type { Container } from '../../../projections/containers.ts';
import type { Release } from '../../../projections/releases.ts';
import { manifest } from '../../story.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** When an agent is asked that answers once it has run for so long, by a clock on which asking takes no time. */
async function askedAt(answersAfterMs: number): Promise<{ asked: number[]; drafts: unknown }> {
  const begun = performance.now();
  const asked: number[] = [];
  const http = {
    probe: async () => {
      asked.push(performance.now() - begun);
      return performance.now() - begun < answersAfterMs ? null : { bootId: 'b1', transport: 'http' };
    },
  };
  const paths = dataPaths('/cloud', '/agentCore');
  const look = async () => {};
  const world = { paths, look, transports: { http, queue: http }, engines: {} } as unknown as World;
  const release = { source: { manifest: { ...manifest, transport: 'http' } }, config: {} } as unknown as Release;
  const container = { name: 'c', deployment: 'localhost/demo', release: 1, replica: 1, healthySince: null };
  const checked = checkHealth(world, release, container as unknown as Container, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(answersAfterMs + 100);
  return { asked, drafts: await checked };
}

it('a container that starts is asked at once, and is healthy with its first answer', async () => {
  const { asked, drafts } = await askedAt(0);
  expect(asked).toEqual([0]);
  expect(drafts).toMatchObject([{ type: 'container.healthy', stream: 'container:c', data: { bootId: 'b1' } }]);
});

it('one that takes a while waits for a sixteenth of that at most before it is seen', async () => {
  for (const ms of [60, 100, 200, 400]) {
    const { asked } = await askedAt(ms);
    expect(asked.at(-1)).toBeGreaterThanOrEqual(ms);
    expect(asked.at(-1)).toBeLessThanOrEqual(ms * (1 + 1 / 16) + 2);
  }
});

it('is never asked more often than every 3 ms, and from 400 ms on every 25 ms', async () => {
  const { asked } = await askedAt(2_000);
  const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(3);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(26);
  expect(asked.filter((at) => at > 500 && at < 1_500).length).toBeLessThanOrEqual(41);
});
