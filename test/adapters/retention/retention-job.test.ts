import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '../../../adapters/pipeline/world.ts';
import type { Retention, RetentionReport, RunOptions } from '../../../adapters/retention/retention.ts';
import { RetentionJob } from '../../../adapters/retention/retention-job.ts';

const day = 86_400_000;
const one = { from: 1, to: 9, count: 4, since: '', until: '' };

/** What the next runs come to: so many segments sealed, or an error. */
let outcomes: (number | Error)[];
let runs: RunOptions[];
let told: string[];
let job: RetentionJob;

beforeEach(() => {
  vi.useFakeTimers();
  outcomes = [];
  runs = [];
  told = [];
  const retention = {
    async run(options: RunOptions): Promise<RetentionReport> {
      runs.push(options);
      const outcome = outcomes.shift() ?? 0;
      if (outcome instanceof Error) throw outcome;
      const sealed = Array.from({ length: outcome }, () => one);
      return { dryRun: false, sealed, deleted: [], strays: [], payloads: { count: 0, bytes: 0 } };
    },
    idle: async () => {},
  } as unknown as Retention;
  const note = (_: unknown, text: string) => told.push(text);
  job = new RetentionJob(retention, { info: note, warn: note } as unknown as Logger);
});
afterEach(async () => {
  await job.stop();
  vi.useRealTimers();
});

describe('the retention of a server', () => {
  it('runs some seconds after the start, and then once a day', async () => {
    job.start();
    expect(runs).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2 * day);
    expect(runs).toHaveLength(3);
    expect(told).toEqual([]);
  });

  it('does so much at a time, and goes on soon where more is due', async () => {
    const most = 16;
    outcomes = [most, most, 3];
    job.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(runs.map(({ mostSegments }) => mostSegments)).toEqual([most, most, most]);
    expect(told).toEqual(['retention ran', 'retention ran', 'retention ran']);
  });

  it('tells of what went wrong and tries again the next day', async () => {
    outcomes = [new Error('the disk is full')];
    job.start();
    await vi.advanceTimersByTimeAsync(day);
    expect(told).toEqual(['retention could not do all that is due']);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(runs).toHaveLength(2);
  });

  it('ends with the server', async () => {
    job.start();
    await job.stop();
    await vi.advanceTimersByTimeAsync(day);
    expect(runs).toHaveLength(0);
  });
});
