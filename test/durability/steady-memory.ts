import { readFileSync } from 'node:fs';
import { CountCalls, onCallingGround } from './calling-ground.ts';

export interface SteadyMemoryFigures {
  /** Calls that were counted, after those that warmed the server up. */
  calls: number;
  /** Means of the samples, MiB resident. */
  firstHalfMiB: number;
  secondHalfMiB: number;
  /** Second against first. */
  ratio: number;
}

/** The heap of V8 finds its size in the beginning; that is growth, and no leak. */
const warmUpCalls = 20_000;
const callsASample = 250;

/** Resident memory of a server under so many durable calls from so many callers. */
export function steadyMemory(calls: number, callers = 50): Promise<SteadyMemoryFigures> {
  return onCallingGround(async ({ server }) => {
    const client = new CountCalls(server.url, callers);
    const samples: number[] = [];
    let made = -warmUpCalls;
    const caller = async () => {
      while (made < calls) {
        const nonce = made++;
        const reply = await client.count(String(nonce), null);
        if (reply?.status !== 200) throw new Error(`call ${nonce}: ${JSON.stringify(reply)}`);
        if (nonce >= 0 && nonce % callsASample === 0) samples.push(residentMiB(server.pid));
      }
    };
    await Promise.all(Array.from({ length: callers }, caller)).finally(() => client.close());
    const middle = Math.floor(samples.length / 2);
    const [first, second] = [mean(samples.slice(0, middle)), mean(samples.slice(middle))];
    const rounded = (value: number) => Number(value.toFixed(3));
    return { calls, firstHalfMiB: rounded(first), secondHalfMiB: rounded(second), ratio: rounded(second / first) };
  });
}

function residentMiB(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
