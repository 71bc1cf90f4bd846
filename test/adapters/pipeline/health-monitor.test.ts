import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HealthMonitor, phaseOf } from '../../../adapters/pipeline/health-monitor.ts';
import type { World } from '../../../adapters/pipeline/world.ts';
import type { PloinkyDraft } from '../../../core/events/catalogue.ts';
import { settle } from '../../scripted-world.ts';
import { cloudId, deploy, initialized } from '../../story.ts';

const name = `ploinky-localhost-demo-1-${cloudId.slice(0, 6)}`;
const well = { bootId: 'b', transport: 'http' as const };

let monitor: HealthMonitor | undefined;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(async () => {
  await monitor?.close();
  vi.useRealTimers();
});

/** A story that serves, and an agent that answers what a test says. With the defaults: every 10 s, three failures. */
function watched() {
  const story = initialized();
  story.ask(deploy());
  settle(story);
  const probe = vi.fn(async (): Promise<typeof well | null> => well);
  const world = {
    views: story.views,
    transports: { http: { probe }, queue: { probe } },
    paths: { release: () => ({ run: '/r', queue: '/q' }) },
    record: async (drafts: readonly PloinkyDraft[]) => {
      story.tell(...drafts);
      return [];
    },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  } as unknown as World;
  monitor = new HealthMonitor(world);
  monitor.follow();
  return { story, probe, monitor, from: story.events.length };
}

const seconds = (n: number) => vi.advanceTimersByTimeAsync(n * 1_000);

it('asks once in each interval, and writes nothing while it goes well', async () => {
  const { story, probe, from } = watched();
  await seconds(100);
  expect(probe.mock.calls.length).toBeGreaterThanOrEqual(9);
  expect(probe.mock.calls.length).toBeLessThanOrEqual(10);
  expect(story.events.length).toBe(from);
});

it('tells of failures when there are as many in a row as the manifest allows, once', async () => {
  const { story, probe, from } = watched();
  probe.mockResolvedValue(null);
  await seconds(15);
  probe.mockResolvedValue(well);
  await seconds(20);
  expect(story.events.length).toBe(from);
  probe.mockResolvedValue(null);
  await seconds(60);
  expect(story.events.slice(from)).toMatchObject([
    {
      type: 'container.unhealthy',
      data: {
        problem: {
          code: 'HEALTH_CHECK_FAILED',
          message: 'AgentCore did not answer within 5000 ms, 3 times in a row.',
        },
      },
    },
  ]);
});

it('counts no time in which this process stood still', async () => {
  const { story, probe, from } = watched();
  probe.mockResolvedValue(null);
  // As after a machine was suspended: the time of a check is up before its answer is looked at.
  const now = vi.spyOn(performance, 'now');
  let at = 0;
  now.mockImplementation(() => {
    at += 7_000;
    return at;
  });
  await seconds(200);
  now.mockRestore();
  expect(story.events.length).toBe(from);
});

it('leaves alone what is being stopped, and begins anew with one that was started again', async () => {
  const { story, probe, monitor, from } = watched();
  probe.mockResolvedValue(null);
  await seconds(15);
  story.tell({ type: 'container.stopRequested', stream: `container:${name}`, data: { reason: 'r' } });
  monitor.follow();
  const asked = probe.mock.calls.length;
  await seconds(100);
  expect(probe.mock.calls.length).toBe(asked);
  expect(story.events.slice(from).map(({ type }) => type)).toEqual(['container.stopRequested']);
});

it('may be asking many containers at one time without a word about listeners', async () => {
  const { story, probe, monitor } = watched();
  story.ask({ type: 'scale', domain: 'localhost', path: '/demo', replicas: 12 });
  settle(story);
  let tell: (answer: typeof well) => void = () => {};
  const answer = new Promise<typeof well>((resolve) => {
    tell = resolve;
  });
  probe.mockImplementation(() => answer);
  const warned = vi.fn();
  process.on('warning', warned);
  monitor.follow();
  await seconds(12);
  expect(probe).toHaveBeenCalledTimes(12);
  process.off('warning', warned);
  expect(warned).not.toHaveBeenCalled();
  tell(well);
});

it('spreads containers over the interval by their names', () => {
  const phases = Array.from({ length: 200 }, (_, i) => phaseOf(`ploinky-localhost-demo-${i}-abc123`));
  for (const phase of phases) {
    expect(phase).toBeGreaterThanOrEqual(0);
    expect(phase).toBeLessThan(1);
  }
  const tenths = new Set(phases.map((phase) => Math.floor(phase * 10)));
  expect(tenths.size).toBe(10);
});
