import { describe, expect, it } from 'vitest';
import type { Figures } from '../../bench/versus/compare.ts';
import type { Report } from '../../bench/versus/report.ts';
import { judge } from '../../bench/versus/targets.ts';

function figures(contestant: string, callsPerSecond: number, of: Partial<Figures> = {}): Figures {
  const costs = { cpu: 0, cpuWithAgents: 0, residentMiB: 0, rounds: [] };
  return { contestant, callers: 50, callsPerSecond, p50: 1, p99: 3, ...costs, ...of };
}

function judged(report: Partial<Report>, figure: string) {
  return judge({ figures: [], leftOut: [], memory: null, kill: null, ...report } as unknown as Report).find((each) =>
    each.figure.includes(figure),
  );
}

describe('a figure to reach', () => {
  it('is reached from the limit on, and says by how much', () => {
    const both = [figures('ploinky', 1_500), figures('fastify-proxy', 1_000)];
    expect(judged({ figures: both }, 'Fastify')).toMatchObject({ measured: 1.5, reached: true, margin: 0.25 });
  });

  it('is not reached below it, and says how far it is', () => {
    const both = [figures('ploinky', 600), figures('fastify-proxy', 1_000)];
    expect(judged({ figures: both }, 'Fastify')).toMatchObject({ measured: 0.6, reached: false, margin: -0.5 });
  });

  it('that is a time is better when it is smaller', () => {
    const slow = figures('ploinky', 1, { p50: 2, p99: 16 });
    expect(judged({ figures: [slow] }, 'p99 / p50')).toMatchObject({ measured: 8, reached: false, margin: -1 });
  });

  it('of how quick a file queue is compares one caller with one caller', () => {
    const both = [
      figures('watched-queue', 1, { callers: 1, p50: 1 }),
      figures('polling-queue', 1, { callers: 1, p50: 200 }),
      figures('polling-queue', 1, { callers: 50, p50: 900 }),
    ];
    expect(judged({ figures: both }, 'one caller')).toMatchObject({ measured: 200, reached: true });
  });

  it('of none allows none', () => {
    const kill = { lost: 1, doubled: 0 } as Report['kill'];
    expect(judged({ kill }, 'lost')).toMatchObject({ reached: false });
    expect(judged({ kill }, 'twice')).toMatchObject({ reached: true, margin: 0 });
  });

  it('is neither where the run did not measure it', () => {
    expect(judged({ figures: [figures('ploinky', 1)] }, 'nginx')).toMatchObject({ measured: null, reached: null });
  });
});
