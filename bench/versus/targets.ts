import type { Figures } from './compare.ts';
import { figuresOf, type Report } from './report.ts';

/** A figure that this project wants to reach, as a ratio within one run. */
export interface Target {
  readonly name: string;
  readonly figure: string;
  readonly reach: { readonly atLeast: number } | { readonly atMost: number };
  /** null where the run did not measure it. */
  readonly measured: (report: Report) => number | null;
}

export interface Judged {
  readonly name: string;
  readonly figure: string;
  /** Such as `≥ 1.2`. */
  readonly reach: string;
  readonly measured: number | null;
  /** null where the run did not measure it. */
  readonly reached: boolean | null;
  readonly limit: number;
  /** By how much it is better or worse than that, as a share of it: 0.1 = 10 % better, −0.1 = 10 % worse. */
  readonly margin: number | null;
}

const rate = (figures: Figures) => figures.callsPerSecond;
const median = (figures: Figures) => figures.p50;

/** One against another, at so many callers. */
function ratio(of: (figures: Figures) => number, above: string, below: string, callers = 50): Target['measured'] {
  return (report) => {
    const [one, other] = [figuresOf(report, above, callers), figuresOf(report, below, callers)];
    return one && other ? of(one) / of(other) : null;
  };
}

export const targets: readonly Target[] = [
  {
    name: 'fastify',
    figure: 'durable call against Fastify + undici without a log, calls/s',
    reach: { atLeast: 1.2 },
    measured: ratio(rate, 'ploinky', 'fastify-proxy'),
  },
  {
    name: 'nginx',
    figure: 'durable call against nginx to the same agent, calls/s',
    reach: { atLeast: 0.45 },
    measured: ratio(rate, 'ploinky', 'nginx-proxy'),
  },
  {
    name: 'bullmq-always',
    figure: 'durable call against BullMQ, Redis syncing each command, calls/s',
    reach: { atLeast: 6 },
    measured: ratio(rate, 'ploinky', 'bullmq-always'),
  },
  {
    name: 'bullmq-everysec',
    figure: 'durable call against BullMQ, Redis syncing once a second, calls/s',
    reach: { atLeast: 3 },
    measured: ratio(rate, 'ploinky', 'bullmq-everysec'),
  },
  {
    name: 'graphile',
    figure: 'durable call against graphile-worker on PostgreSQL, calls/s',
    reach: { atLeast: 8 },
    measured: ratio(rate, 'ploinky', 'graphile-worker'),
  },
  {
    name: 'queue-latency',
    figure: 'watched file queue against one polled each 200 ms, p50 of one caller, times as quick',
    reach: { atLeast: 100 },
    measured: ratio(median, 'polling-queue', 'watched-queue', 1),
  },
  {
    name: 'queue-rate',
    figure: 'watched file queue against one polled each 200 ms, calls/s',
    reach: { atLeast: 8 },
    measured: ratio(rate, 'watched-queue', 'polling-queue'),
  },
  {
    name: 'pass-through',
    figure: 'pass-through against nginx to the same agent, calls/s',
    reach: { atLeast: 0.6 },
    measured: ratio(rate, 'pass-through-agent', 'nginx-core'),
  },
  {
    name: 'spread',
    figure: 'durable call, p99 / p50',
    reach: { atMost: 4 },
    measured(report) {
      const figures = figuresOf(report, 'ploinky', 50);
      return figures ? figures.p99 / figures.p50 : null;
    },
  },
  {
    name: 'lost',
    figure: 'calls at 256 connections with a kill -9 of the server in the middle: lost',
    reach: { atMost: 0 },
    measured: ({ kill }) => kill?.lost ?? null,
  },
  {
    name: 'doubled',
    figure: 'the same: executed twice',
    reach: { atMost: 0 },
    measured: ({ kill }) => kill?.doubled ?? null,
  },
  {
    name: 'memory',
    figure: 'resident memory during 100,000 calls, second half against first',
    reach: { atMost: 1.1 },
    measured: ({ memory }) => memory?.ratio ?? null,
  },
];

export function judge(report: Report): readonly Judged[] {
  return targets.map(({ name, figure, reach, measured }) => {
    const value = measured(report);
    const [sign, limit, better] = 'atLeast' in reach ? ['≥', reach.atLeast, 1] : ['≤', reach.atMost, -1];
    const margin = value === null ? null : limit === 0 ? -value : better * (value / limit - 1);
    return {
      name,
      figure,
      reach: limit === 0 ? '0' : `${sign} ${limit}`,
      measured: value,
      limit,
      reached: margin === null ? null : margin >= 0,
      margin: margin === 0 ? 0 : margin,
    };
  });
}
