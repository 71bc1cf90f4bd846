import { bytes } from '../terminal/bar.ts';
import type { GivesWay } from '../terminal/fitting-table.ts';
import { conditionText } from '../verbs/deployments.ts';
import type { ContainerSample, SamplesAnswer, Series } from './samples-answer.ts';
import { sparkline } from './sparkline.ts';

export const topHead = [
  'DEPLOYMENT',
  'RELEASE',
  'CPU',
  'MEMORY',
  'LIMIT',
  'NET IN',
  'NET OUT',
  'PIDS',
  'RESTARTS',
  'STATUS',
];
/** What gives way on a narrow screen, first to last: what engines seldom tell, and then how much is allowed. */
export const givingWay: readonly GivesWay[] = [
  { column: 9, least: 40 },
  { column: 7, least: 0 },
  { column: 5, least: 0 },
  { column: 6, least: 0 },
  { column: 4, least: 0 },
  { column: 9, least: 12 },
  { column: 0, least: 24 },
];
/** CPU to PIDS. */
const figureColumns = 6;
/** Columns of figures, which stand at the right. */
export const rightColumns = [2, 3, 4, 5, 6, 7, 8];

/** One row for each container: those that are down, then those that use most CPU. What no engine tells is a dash. */
export function topRows({ containers, down = [] }: SamplesAnswer): string[][] {
  const missing = down.map((one) => [
    one.deployment,
    nameOf(one),
    ...Array.from({ length: figureColumns }, () => '–'),
    String(one.restarts),
    conditionText(one.condition),
  ]);
  const running = [...containers]
    .sort(byUse)
    .map((one) => [
      one.deployment,
      nameOf(one),
      percent(one.cpuPercent),
      size(one.memoryBytes),
      size(one.memoryLimitBytes),
      size(one.networkInBytes),
      size(one.networkOutBytes),
      one.pids === null ? '–' : String(one.pids),
      String(one.restarts),
      one.status,
    ]);
  return [...missing, ...running];
}

export const historyHead = ['DEPLOYMENT', 'RELEASE', 'CPU', 'MEAN', 'MOST', 'MEMORY', 'MOST'];

/** One row for each container of the series, with its course. @param points columns of a course */
export function historyRows({ series }: SamplesAnswer, points: number, begin: number, stepMs: number): string[][] {
  return series.map((one) => {
    const cpu = course(one, 'cpuPercent', points, begin, stepMs);
    const memory = course(one, 'memoryBytes', points, begin, stepMs);
    const known = cpu.filter((value) => value !== null);
    const mean = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
    return [
      one.deployment,
      nameOf(one),
      sparkline(cpu),
      percent(mean),
      percent(most(cpu)),
      sparkline(memory),
      size(most(memory)),
    ];
  });
}

/** Values by slice; null where nothing was seen. */
function course(
  { points: seen }: Series,
  figure: 'cpuPercent' | 'memoryBytes',
  points: number,
  begin: number,
  stepMs: number,
): (number | null)[] {
  const values = Array.from({ length: points }, (): number | null => null);
  for (const point of seen) {
    const at = Math.floor((Date.parse(point.time) - begin) / stepMs);
    if (at >= 0 && at < points) values[at] = point[figure];
  }
  return values;
}

function byUse(a: ContainerSample, b: ContainerSample): number {
  return (b.cpuPercent ?? -1) - (a.cpuPercent ?? -1) || (a.deployment < b.deployment ? -1 : 1);
}

function nameOf({ release, replica }: { release: number; replica: number }): string {
  return replica === 1 ? `#${release}` : `#${release}.${replica}`;
}

function most(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function percent(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(1)} %`;
}

function size(value: number | null): string {
  return value === null ? '–' : bytes(value);
}
