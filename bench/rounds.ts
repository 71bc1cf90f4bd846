/** One contestant of a bench: does `count` things with `callers` at once. */
export interface Contestant {
  readonly name: string;
  run(callers: number, count: number): Promise<void>;
}

/** Things a second of each contestant: rounds are interleaved, so that a noisy machine is noisy to all; medians. */
export async function measure(
  contestants: readonly Contestant[],
  callers: number,
  options: { readonly rounds: number; readonly count: number },
): Promise<Record<string, number>> {
  const rates = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (const { run } of contestants) await run(callers, Math.ceil(options.count / 4));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const { name, run } of contestants) {
      const begun = performance.now();
      await run(callers, options.count);
      rates.get(name)?.push((options.count / (performance.now() - begun)) * 1000);
    }
  }
  return Object.fromEntries([...rates].map(([name, values]) => [name, median(values)]));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** `callers` loops that share `count` calls of `one`. */
export async function inParallel(callers: number, count: number, one: () => Promise<unknown>): Promise<void> {
  let left = count;
  const loop = async () => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: callers }, loop));
}
