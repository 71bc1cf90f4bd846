import type { Comparison, Figures } from './compare.ts';
import { contestants } from './contestants/contestants.ts';
import { figuresOf, type Report } from './report.ts';
import { type Judged, judge } from './targets.ts';

/** Column and value, as text. */
export type Row = Readonly<Record<string, string>>;

/** Against whom the calls per second of the others are told. */
export const measure = 'ploinky';

export function titleOf(name: string): string {
  return contestants.find((each) => each.name === name)?.title ?? name;
}

/** All contestants with so many callers, in their order. */
export function callRows(comparison: Comparison, callers: number): readonly Row[] {
  const ours = figuresOf(comparison, measure, callers);
  return comparison.figures
    .filter((each) => each.callers === callers)
    .map((each) => ({
      contestant: titleOf(each.contestant),
      'calls/s': whole(each.callsPerSecond),
      'Ploinky against it': ours ? `${short(ours.callsPerSecond / each.callsPerSecond)} ×` : '–',
      'p50 ms': short(each.p50),
      'p99 ms': short(each.p99),
      'p99 / p50': short(each.p99 / each.p50),
      ...costs(each),
    }));
}

function costs({ cpu, cpuWithAgents, residentMiB }: Figures): Row {
  const none = residentMiB === 0;
  return {
    'CPU s / 1,000 calls': none ? '–' : short(cpu),
    'with agent': short(cpuWithAgents),
    'RSS MiB': none ? '–' : whole(residentMiB),
  };
}

export function targetRows(report: Report): readonly Row[] {
  return judge(report).map((each) => ({
    figure: each.figure,
    'to reach': each.reach,
    measured: each.measured === null ? '–' : short(each.measured),
    reached: verdict(each),
  }));
}

function verdict({ reached, measured, limit, margin }: Judged): string {
  if (reached === null || margin === null) return 'not measured in this run';
  if (limit === 0) return reached ? 'yes' : `**no**, by ${measured}`;
  const by = `${Math.abs(margin * 100).toFixed(0)} %`;
  const over = (measured ?? 0) > limit;
  return `${reached ? 'yes' : '**no**'}, ${by} ${over ? 'over' : 'under'}`;
}

/** As Markdown has tables; columns of numbers to the right. */
export function markdown(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const numbers = (column: string) => rows.every((row) => /^[–\d]/.test(row[column] ?? ''));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns),
    line(columns.map((column) => (numbers(column) ? '---:' : '---'))),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ''))),
  ].join('\n');
}

export function short(value: number): string {
  if (value >= 100) return whole(value);
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
