import { type SampleRound, Slice } from './sample.ts';
import type { SampleFiles } from './sample-files.ts';

export interface SamplesWanted {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
  readonly stepMs: number;
  readonly deployment?: string | undefined;
}

/** Slices of the series, ascending. Holds no round in memory, however long a slice is. */
export async function samplesBetween(
  files: SampleFiles,
  { since, until, stepMs, deployment }: SamplesWanted,
): Promise<readonly SampleRound[]> {
  const slices: SampleRound[] = [];
  let slice: Slice | null = null;
  for await (const round of files.read(since, until)) {
    const samples =
      deployment === undefined ? round.samples : round.samples.filter((sample) => sample.deployment === deployment);
    if (samples.length === 0) continue;
    const at = Math.floor(round.at / stepMs) * stepMs;
    if (slice !== null && slice.at !== at) slices.push(slice.merged());
    if (slice?.at !== at) slice = new Slice(at);
    slice.add({ at: round.at, samples });
  }
  if (slice !== null) slices.push(slice.merged());
  return slices;
}
