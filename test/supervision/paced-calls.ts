import { performance } from 'node:perf_hooks';
import type { Pool } from 'undici';

/** How many a second: few enough that a quiet machine is never behind. */
const everyMs = 5;

export interface Measured {
  /** Of each call, in the order in which they were made, in ms. */
  readonly times: readonly number[];
  readonly failed: number;
}

/** For so many seconds at a steady pace, whether or not the answer before has come: one that is late makes no other late. */
export async function pacedCalls(pool: Pool, path: string, seconds: number): Promise<Measured> {
  const count = Math.ceil((seconds * 1_000) / everyMs);
  const times = Array.from({ length: count }, () => 0);
  let failed = 0;
  const call = async (i: number) => {
    const begun = performance.now();
    const answer = await pool.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: '{"params":["you"]}',
    });
    await answer.body.dump();
    if (answer.statusCode !== 200) failed += 1;
    times[i] = performance.now() - begun;
  };
  const calls: Promise<void>[] = [];
  const start = performance.now();
  for (let i = 0; i < count; i += 1) {
    const due = start + i * everyMs;
    while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1));
    calls.push(call(i));
  }
  await Promise.all(calls);
  return { times, failed };
}

/** What so large a share of the calls did not exceed; of the first seconds alone, where that is asked. */
export function percentile({ times }: Measured, share: number, firstSeconds = Number.POSITIVE_INFINITY): number {
  const sorted = times.slice(0, (firstSeconds * 1_000) / everyMs).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? 0;
}
