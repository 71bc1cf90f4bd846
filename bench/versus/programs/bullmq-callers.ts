// Adds jobs and waits for their results. Results come by the events of the queue; they are matched here by job id, since
// `waitUntilFinished` costs Redis one more script for each job.
import { Queue, QueueEvents } from 'bullmq';
import { command, params } from '../greeting.ts';
import { answerRounds } from './answer-rounds.ts';
import { expectGreeting } from './expect-greeting.ts';

const connection = { path: process.env.REDIS_SOCKET ?? '' };
const queue = new Queue('calls', { connection });
const events = new QueueEvents('calls', { connection });
const waiting = new Map<string, { resolve(result: unknown): void; reject(error: Error): void }>();

events.on('completed', ({ jobId, returnvalue }) => {
  waiting.get(jobId)?.resolve(returnvalue);
  waiting.delete(jobId);
});
events.on('failed', ({ jobId, failedReason }) => {
  waiting.get(jobId)?.reject(new Error(failedReason));
  waiting.delete(jobId);
});
await events.waitUntilReady();

let last = 0;
answerRounds(async () => {
  const jobId = `${process.pid}-${++last}`;
  const result = new Promise((resolve, reject) => waiting.set(jobId, { resolve, reject }));
  await queue.add(command, { params }, { jobId });
  expectGreeting(await result);
});
