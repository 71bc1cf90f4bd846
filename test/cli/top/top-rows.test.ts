import { describe, expect, it } from 'vitest';
import { sparkline } from '../../../cli/top/sparkline.ts';
import { historyRows, topRows } from '../../../cli/top/top-rows.ts';

const figures = {
  cpuPercent: 12.34,
  memoryBytes: 50 * 1_048_576,
  memoryLimitBytes: null,
  networkInBytes: null,
  networkOutBytes: 0,
  pids: 11,
  restarts: 2,
};

describe('the table of use', () => {
  it('has who uses most first, and dashes for what nobody tells', () => {
    const one = { deployment: 'localhost/a', release: 1, replica: 1, status: 'healthy', time: '', ...figures };
    const containers = [
      { ...one, cpuPercent: null },
      { ...one, deployment: 'localhost/b', release: 3, replica: 2 },
    ];
    expect(topRows({ everyMs: 10_000, containers, stepMs: null, series: [] })).toEqual([
      ['localhost/b', '#3.2', '12.3 %', '50.0 MiB', '–', '–', '0 B', '11', '2', 'healthy'],
      ['localhost/a', '#1', '–', '50.0 MiB', '–', '–', '0 B', '11', '2', 'healthy'],
    ]);
  });

  it('draws a course with gaps where nothing was seen', () => {
    expect(sparkline([0, null, 50, 100])).toBe('▁ ▅█');
    expect(sparkline([0, 0])).toBe('▁▁');
    const begin = Date.parse('2026-11-21T10:00:00Z');
    const at = (n: number) => ({ time: new Date(begin + n * 60_000).toISOString(), ...figures });
    const series = [
      {
        deployment: 'localhost/a',
        release: 1,
        replica: 1,
        points: [
          { ...at(0), cpuPercent: 10 },
          { ...at(2), cpuPercent: 30 },
        ],
      },
    ];
    expect(historyRows({ everyMs: 1, containers: [], stepMs: 60_000, series }, 3, begin, 60_000)).toEqual([
      ['localhost/a', '#1', '▃ █', '20.0 %', '30.0 %', '█ █', '50.0 MiB'],
    ]);
  });
});
