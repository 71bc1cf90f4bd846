import type { Comparison } from './compare.ts';
import { contestants } from './contestants/contestants.ts';

export type Row = Readonly<Record<string, string | number>>;

/** A table of the figures with so many callers, in the order of the contestants. */
export function rowsOf({ figures }: Comparison, callers: number): readonly Row[] {
  const those = figures.filter((each) => each.callers === callers);
  const [first] = those;
  return those.map((each) => ({
    contestant: contestants.find(({ name }) => name === each.contestant)?.title ?? each.contestant,
    'calls/s': Math.round(each.callsPerSecond),
    against: Number(((first?.callsPerSecond ?? Number.NaN) / each.callsPerSecond).toFixed(2)),
    'p50 ms': rounded(each.p50),
    'p99 ms': rounded(each.p99),
    'p99/p50': Number((each.p99 / each.p50).toFixed(1)),
    'CPU s/1,000': rounded(each.cpu),
    'with agent': rounded(each.cpuWithAgents),
    'RSS MiB': Math.round(each.residentMiB),
  }));
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
