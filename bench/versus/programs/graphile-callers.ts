// Adds jobs and waits for their results, which the worker announces on a channel of PostgreSQL.
import { makeWorkerUtils } from 'graphile-worker';
import { Client, Pool } from 'pg';
import { command, params } from '../greeting.ts';
import { answerRounds } from './answer-rounds.ts';
import { expectGreeting } from './expect-greeting.ts';
import { quiet } from './graphile-quiet.ts';

const connectionString = process.env.POSTGRES_URL ?? '';
const listener = new Client({ connectionString });
await listener.connect();
const waiting = new Map<string, (result: unknown) => void>();
listener.on('notification', ({ payload }) => {
  for (const [call, result] of JSON.parse(payload ?? '[]') as [string, unknown][]) {
    waiting.get(call)?.(result);
    waiting.delete(call);
  }
});
await listener.query('LISTEN results');

const pgPool = new Pool({ connectionString, max: 25 });
// The end of PostgreSQL is the end of the bench.
pgPool.on('error', () => {});
pgPool.on('connect', (client) => client.on('error', () => {}));
const utils = await makeWorkerUtils({ pgPool, logger: quiet });
let last = 0;
answerRounds(async () => {
  const call = `${process.pid}-${++last}`;
  const result = new Promise((resolve) => waiting.set(call, resolve));
  await utils.addJob(command, { call, params });
  expectGreeting(await result);
});
