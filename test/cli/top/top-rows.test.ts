import { describe, expect, it } from 'vitest';
import { sparkline } from '../../../cli/top/sparkline.ts';
import { historyRows, topHead, topRows } from '../../../cli/top/top-rows.ts';

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

  it('begins with those that are down: why, and when they start again', () => {
    const condition = {
      state: 'down',
      reason: 'crash loop: ended 3 times in a row, last by SIGKILL',
      retryInMs: 11_200,
      output: null,
    };
    const down = [{ deployment: 'localhost/c', release: 2, replica: 1, restarts: 3, condition }];
    const one = { deployment: 'localhost/a', release: 1, replica: 1, status: 'healthy', time: '', ...figures };
    const [first = [], ...others] = topRows({ everyMs: 1, containers: [one], down, stepMs: null, series: [] });
    expect(others).toHaveLength(1);
    expect([first[0], first[1], first[8]]).toEqual(['localhost/c', '#2', '3']);
    expect(first.slice(2, 8)).toEqual(['–', '–', '–', '–', '–', '–']);
    expect(first[9]).toBe('down: crash loop: ended 3 times in a row, last by SIGKILL, starts again in 12 s');
    expect(first).toHaveLength(topHead.length);
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
