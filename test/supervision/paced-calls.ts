import { performance } from 'node:perf_hooks';
import type { Pool } from 'undici';

/** Calls in one measurement, and how many a second: few enough that a quiet machine is never behind. */
const callsInOne = 1_500;
const everyMs = 5;

/** Times in ms. */
export interface Measured {
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** At a steady pace, whether or not the answer before has come: one that is late makes no other late. */
export async function pacedCalls(pool: Pool, path: string): Promise<Measured> {
  const times: number[] = [];
  let failed = 0;
  const call = async () => {
    const begun = performance.now();
    const answer = await pool.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: '{"params":["you"]}',
    });
    await answer.body.dump();
    if (answer.statusCode !== 200) failed += 1;
    times.push(performance.now() - begun);
  };
  const calls: Promise<void>[] = [];
  const start = performance.now();
  for (let i = 0; i < callsInOne; i += 1) {
    const due = start + i * everyMs;
    while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1));
    calls.push(call());
  }
  await Promise.all(calls);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), failed };
}
