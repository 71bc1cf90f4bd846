/** What one container used at one moment, or over a slice of time. Null where nobody knows. */
export interface Sample {
  readonly deployment: string;
  readonly release: number;
  readonly replica: number;
  /** Of one core; 200 = two cores. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly memoryLimitBytes: number | null;
  /** Since the container started. */
  readonly networkInBytes: number | null;
  readonly networkOutBytes: number | null;
  readonly blockReadBytes: number | null;
  readonly blockWriteBytes: number | null;
  readonly pids: number | null;
  /** How often it was started again. */
  readonly restarts: number;
}

/** All containers at one moment; a line of a file. */
export interface SampleRound {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly samples: readonly Sample[];
}

const figures = [
  'cpuPercent',
  'memoryBytes',
  'memoryLimitBytes',
  'networkInBytes',
  'networkOutBytes',
  'blockReadBytes',
  'blockWriteBytes',
  'pids',
  'restarts',
] as const;

/** `[at, [deployment, release, replica, …figures], …]` with its line end: names of fields would be most of the file. */
export function roundText({ at, samples }: SampleRound): string {
  const rows = samples.map((one) => [one.deployment, one.release, one.replica, ...figures.map((name) => one[name])]);
  return `${JSON.stringify([at, ...rows])}\n`;
}

/** Null for what is none, such as the torn end of a file. */
export function parseRound(line: string): SampleRound | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!Array.isArray(value) || typeof value[0] !== 'number') return null;
  const samples = value.slice(1).flatMap((row: unknown) => {
    if (!Array.isArray(row) || typeof row[0] !== 'string') return [];
    const known = Object.fromEntries(figures.map((name, i) => [name, numberOrNull(row[i + 3])]));
    const { restarts, ...rest } = known as unknown as Pick<Sample, (typeof figures)[number]>;
    return [{ deployment: row[0], release: Number(row[1]), replica: Number(row[2]), ...rest, restarts: restarts ?? 0 }];
  });
  return { at: value[0], samples };
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** Mean of the CPU, most of memory and processes, and the last of what only grows. @param rounds ascending, at least one */
export function mergedRounds(at: number, rounds: Iterable<SampleRound>): SampleRound {
  const slice = new Slice(at);
  for (const round of rounds) slice.add(round);
  return slice.merged();
}

interface Sums {
  last: Sample;
  cpu: number;
  cpuCount: number;
  memoryBytes: number | null;
  pids: number | null;
}

/** Rounds added up as they come: a slice may be a whole day of them, and keeps one sample for each container. */
export class Slice {
  readonly at: number;
  readonly #byContainer = new Map<string, Sums>();

  constructor(at: number) {
    this.at = at;
  }

  /** @param round not before the ones that were added */
  add({ samples }: SampleRound): void {
    for (const sample of samples) {
      const key = `${sample.deployment}#${sample.release}.${sample.replica}`;
      const sums = this.#byContainer.get(key) ?? { last: sample, cpu: 0, cpuCount: 0, memoryBytes: null, pids: null };
      sums.last = sample;
      sums.cpu += sample.cpuPercent ?? 0;
      sums.cpuCount += sample.cpuPercent === null ? 0 : 1;
      sums.memoryBytes = most(sums.memoryBytes, sample.memoryBytes);
      sums.pids = most(sums.pids, sample.pids);
      this.#byContainer.set(key, sums);
    }
  }

  merged(): SampleRound {
    const samples = [...this.#byContainer.values()].map(({ last, cpu, cpuCount, memoryBytes, pids }) => {
      const cpuPercent = cpuCount === 0 ? null : Math.round((cpu / cpuCount) * 10) / 10;
      return { ...last, cpuPercent, memoryBytes, pids };
    });
    return { at: this.at, samples };
  }
}

function most(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
