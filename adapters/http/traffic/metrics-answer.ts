import { Type } from 'typebox';
import type { ServiceCount } from './service-meters.ts';
import type { Minute } from './traffic.ts';

/** Calls of one command in one slice of time. Durations in milliseconds. */
export interface CallCount {
  /** Begin of the slice, milliseconds since 1970. */
  readonly at: number;
  /** Deployment id, `<domain><path>`. */
  readonly deployment: string;
  readonly command: string;
  readonly count: number;
  readonly failures: number;
  readonly totalMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

export type Range = '1h' | '24h' | '7d' | '30d';

/** Length of a range and of one point of its series, in milliseconds. */
export const ranges: Readonly<Record<Range, { length: number; step: number }>> = {
  '1h': { length: 3_600_000, step: 60_000 },
  '24h': { length: 86_400_000, step: 3_600_000 },
  '7d': { length: 7 * 86_400_000, step: 86_400_000 },
  '30d': { length: 30 * 86_400_000, step: 86_400_000 },
};

const Figures = {
  count: Type.Integer(),
  avgDuration: Type.String({ description: 'ms, two decimals' }),
  minDuration: Type.Number(),
  maxDuration: Type.Number(),
};

export const MetricsAnswer = Type.Object({
  range: Type.String(),
  from: Type.String({ description: 'begin of the range' }),
  to: Type.String(),
  uptime: Type.Integer({ description: 'ms' }),
  totalRequests: Type.Integer({ description: 'agent calls in the range, from the log' }),
  totalErrors: Type.Integer({ description: 'of them failed, timed out or cancelled' }),
  avgRequestsPerMinute: Type.String(),
  avgResponseTime: Type.String({ description: 'ms, two decimals' }),
  errorRate: Type.String({ description: 'for example 1.50%' }),
  unauthorizedRequests: Type.Integer({ description: 'ever' }),
  agents: Type.Record(Type.String(), Type.Object({ ...Figures, errorRate: Type.String() }), {
    description: 'by first path segment, root for /; by host and path where several share that',
  }),
  commands: Type.Record(Type.String(), Type.Object({ ...Figures, failureRate: Type.String() }), {
    description: 'by <agent>:<command>, the agent named as in `agents`',
  }),
  services: Type.Record(
    Type.String(),
    Type.Object({
      requests: Type.Integer(),
      avgDuration: Type.String({ description: 'ms, two decimals' }),
      maxDuration: Type.Number(),
      statusClasses: Type.Record(Type.String(), Type.Integer(), { description: '2xx, 3xx, …' }),
      cut: Type.Integer({ description: 'answers that did not reach their end' }),
      requestBytes: Type.Integer(),
      responseBytes: Type.Integer(),
    }),
    { description: 'web services by host and path, since the start of the server' },
  ),
  statusCodes: Type.Record(Type.String(), Type.Integer(), {
    description: 'answers of any kind by status, in the range, at most since the start and for 24 h',
  }),
  series: Type.Array(
    Type.Object({
      timestamp: Type.String(),
      date: Type.String(),
      requests: Type.Integer(),
      errors: Type.Integer(),
      avgDuration: Type.String(),
    }),
    { description: 'points of a minute, an hour or a day, also empty ones' },
  ),
});

interface Sum {
  count: number;
  failures: number;
  totalMs: number;
  minMs: number;
  maxMs: number;
}

/** Everything that the counts of a range say. Pure; `now` in milliseconds since 1970. */
export function summarize(range: Range, now: number, calls: readonly CallCount[], minutes: readonly Minute[]) {
  const { length, step } = ranges[range];
  const from = now - length;
  const total = sumOf(calls);
  const nameOf = namesOf(calls);
  return {
    range,
    from: new Date(from).toISOString(),
    to: new Date(now).toISOString(),
    totalRequests: total.count,
    totalErrors: total.failures,
    avgRequestsPerMinute: ((60_000 * total.count) / length).toFixed(2),
    avgResponseTime: average(total),
    errorRate: rate(total),
    agents: byKey(calls, nameOf, (sum) => ({ ...figures(sum), errorRate: rate(sum) })),
    commands: byKey(
      calls,
      (call) => `${nameOf(call)}:${call.command}`,
      (sum) => ({ ...figures(sum), failureRate: rate(sum) }),
    ),
    statusCodes: statusCodes(minutes),
    series: series(from, now, step, calls),
  };
}

/** What was passed on to web services. */
export function serviceFigures(counts: readonly ServiceCount[]) {
  const sorted = [...counts].sort((a, b) => (a.deployment < b.deployment ? -1 : 1));
  return Object.fromEntries(
    sorted.map(({ deployment, requests, totalMs, maxMs, classes, cut, requestBytes, responseBytes }) => [
      deployment,
      {
        requests,
        avgDuration: (requests === 0 ? 0 : totalMs / requests).toFixed(2),
        maxDuration: maxMs,
        statusClasses: Object.fromEntries(classes.flatMap((n, i) => (n > 0 ? [[`${i + 1}xx`, n]] : []))),
        cut,
        requestBytes,
        responseBytes,
      },
    ]),
  );
}

function series(from: number, now: number, step: number, calls: readonly CallCount[]) {
  const slices = new Map<number, CallCount[]>();
  for (let at = Math.floor(from / step) * step; at <= now; at += step) slices.set(at, []);
  for (const call of calls) slices.get(Math.floor(call.at / step) * step)?.push(call);
  return [...slices].map(([at, inside]) => {
    const sum = sumOf(inside);
    const timestamp = new Date(at).toISOString();
    return {
      timestamp,
      date: timestamp.slice(0, 10),
      requests: sum.count,
      errors: sum.failures,
      avgDuration: average(sum),
    };
  });
}

function byKey<T>(calls: readonly CallCount[], key: (call: CallCount) => string, show: (sum: Sum) => T) {
  const groups = new Map<string, CallCount[]>();
  for (const call of calls) {
    const name = key(call);
    const group = groups.get(name);
    if (group) group.push(call);
    else groups.set(name, [call]);
  }
  return Object.fromEntries(
    [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, g]) => [name, show(sumOf(g))]),
  );
}

/** Names for the deployments of these calls: the first segment of the path, the whole id where several share that. */
function namesOf(calls: readonly CallCount[]): (call: CallCount) => string {
  const sharers = new Map<string, Set<string>>();
  for (const { deployment } of calls) {
    const name = firstSegment(deployment);
    sharers.set(name, (sharers.get(name) ?? new Set()).add(deployment));
  }
  return ({ deployment }) => {
    const name = firstSegment(deployment);
    return (sharers.get(name)?.size ?? 0) > 1 ? deployment : name;
  };
}

function firstSegment(deployment: string): string {
  const path = deployment.slice(deployment.indexOf('/') + 1);
  return path.split('/', 1)[0] || 'root';
}

function sumOf(calls: readonly CallCount[]): Sum {
  const sum: Sum = { count: 0, failures: 0, totalMs: 0, minMs: 0, maxMs: 0 };
  for (const call of calls) {
    sum.minMs = sum.count === 0 ? call.minMs : Math.min(sum.minMs, call.minMs);
    sum.maxMs = Math.max(sum.maxMs, call.maxMs);
    sum.count += call.count;
    sum.failures += call.failures;
    sum.totalMs += call.totalMs;
  }
  return sum;
}

function figures(sum: Sum) {
  return { count: sum.count, avgDuration: average(sum), minDuration: sum.minMs, maxDuration: sum.maxMs };
}

function average({ totalMs, count }: Sum): string {
  return (count === 0 ? 0 : totalMs / count).toFixed(2);
}

function rate({ failures, count }: Sum): string {
  return `${(count === 0 ? 0 : (100 * failures) / count).toFixed(2)}%`;
}

function statusCodes(minutes: readonly Minute[]): Record<string, number> {
  const codes: Record<string, number> = {};
  for (const minute of minutes) {
    for (const [status, count] of minute.statusCodes) codes[status] = (codes[status] ?? 0) + count;
  }
  return codes;
}
