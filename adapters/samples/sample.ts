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
export function mergedRounds(at: number, rounds: readonly SampleRound[]): SampleRound {
  const byContainer = new Map<string, Sample[]>();
  for (const sample of rounds.flatMap(({ samples }) => samples)) {
    const key = `${sample.deployment}#${sample.release}.${sample.replica}`;
    byContainer.set(key, [...(byContainer.get(key) ?? []), sample]);
  }
  return { at, samples: [...byContainer.values()].map(mergedSamples) };
}

function mergedSamples(samples: readonly Sample[]): Sample {
  const last = samples.at(-1) as Sample;
  const most = (name: 'memoryBytes' | 'pids') => {
    const known = samples.map((sample) => sample[name]).filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  };
  const cpu = samples.map(({ cpuPercent }) => cpuPercent).filter((value) => value !== null);
  const mean = cpu.length === 0 ? null : cpu.reduce((sum, value) => sum + value, 0) / cpu.length;
  return {
    ...last,
    cpuPercent: mean === null ? null : Math.round(mean * 10) / 10,
    memoryBytes: most('memoryBytes'),
    pids: most('pids'),
  };
}
