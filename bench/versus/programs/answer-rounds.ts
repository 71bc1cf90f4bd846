import { quantile } from '../../rounds.ts';
import type { Round } from '../load.ts';

/** What a round is asked for. */
export interface RoundRequest {
  readonly callers: number;
  readonly seconds: number;
}

/**
 * Says that this process is ready, and then answers each request for a round: so many callers make one call after the
 * other, each waiting for its result. Ends with the bench.
 */
export function answerRounds(call: () => Promise<unknown>): void {
  process.on('message', (request: RoundRequest) => {
    round(call, request).then(
      (figures) => process.send?.({ figures }),
      (error: Error) => process.send?.({ error: error.message }),
    );
  });
  readyForBench();
}

/** Says that this process is ready, and ends with the bench. */
export function readyForBench(): void {
  process.once('disconnect', () => process.exit());
  process.send?.({});
}

async function round(call: () => Promise<unknown>, { callers, seconds }: RoundRequest): Promise<Round> {
  const times: number[] = [];
  const begun = performance.now();
  const end = begun + seconds * 1000;
  const caller = async () => {
    while (performance.now() < end) {
      const from = performance.now();
      await call();
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const took = (performance.now() - begun) / 1000;
  return { calls: times.length, seconds: took, p50: quantile(times, 0.5), p99: quantile(times, 0.99), failed: 0 };
}
