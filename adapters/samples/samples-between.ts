import { mergedRounds, type SampleRound } from './sample.ts';
import type { SampleFiles } from './sample-files.ts';

export interface SamplesWanted {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
  readonly stepMs: number;
  readonly deployment?: string | undefined;
}

/** Slices of the series, ascending; holds one slice in memory besides the answer. */
export async function samplesBetween(
  files: SampleFiles,
  { since, until, stepMs, deployment }: SamplesWanted,
): Promise<readonly SampleRound[]> {
  const slices: SampleRound[] = [];
  let slice: SampleRound[] = [];
  const sliceOf = ({ at }: SampleRound) => Math.floor(at / stepMs) * stepMs;
  const close = () => {
    const [first] = slice;
    if (first) slices.push(mergedRounds(sliceOf(first), slice));
    slice = [];
  };
  for await (const round of files.read(since, until)) {
    const samples =
      deployment === undefined ? round.samples : round.samples.filter((sample) => sample.deployment === deployment);
    if (samples.length === 0) continue;
    if (slice[0] && sliceOf(slice[0]) !== sliceOf(round)) close();
    slice.push({ at: round.at, samples });
  }
  close();
  return slices;
}
