import { Worker } from 'bullmq';
import { readyForBench } from './answer-rounds.ts';

const worker = new Worker<{ params: string[] }>('calls', async (job) => `Hello, ${job.data.params[0]}!`, {
  connection: { path: process.env.REDIS_SOCKET ?? '' },
  concurrency: Number(process.env.CONCURRENCY),
  removeOnComplete: { count: 1_000 },
  removeOnFail: { count: 5_000 },
});
await worker.waitUntilReady();
readyForBench();
