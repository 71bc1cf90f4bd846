// Executes jobs with the settings that graphile-worker's page on performance recommends. Results are stored in a table
// and announced by the same statement, those that came while the former one was under way together.
import { run } from 'graphile-worker';
import { Pool } from 'pg';
import { readyForBench } from './answer-rounds.ts';
import { quiet } from './graphile-quiet.ts';

const connectionString = process.env.POSTGRES_URL ?? '';
const concurrency = Number(process.env.CONCURRENCY);
const pool = new Pool({ connectionString, max: 4 });
await pool.query('CREATE TABLE IF NOT EXISTS results (call text PRIMARY KEY, result jsonb NOT NULL)');

const store = `WITH stored AS (
  INSERT INTO results SELECT * FROM unnest($1::text[], $2::jsonb[]) RETURNING call, result
) SELECT pg_notify('results', (SELECT json_agg(json_build_array(call, result)) FROM stored)::text)`;
/** A notice of PostgreSQL takes up to 8,000 bytes. */
const mostAtOnce = 100;

interface Result {
  readonly call: string;
  readonly result: unknown;
  done(): void;
  failed(error: unknown): void;
}
let waiting: Result[] = [];
let storing = 0;

function keep(call: string, result: unknown): Promise<void> {
  return new Promise((done, failed) => {
    waiting.push({ call, result, done, failed });
    if (storing === 0) void storeAll();
  });
}

async function storeAll(): Promise<void> {
  storing += 1;
  while (waiting.length > 0) {
    const group = waiting.slice(0, mostAtOnce);
    waiting = waiting.slice(mostAtOnce);
    try {
      const results = group.map(({ result }) => JSON.stringify(result));
      await pool.query({ name: 'store', text: store, values: [group.map(({ call }) => call), results] });
      for (const { done } of group) done();
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
  }
  storing -= 1;
}

await run({
  preset: {
    worker: {
      connectionString,
      concurrentJobs: concurrency,
      maxPoolSize: concurrency + 1,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
  logger: quiet,
  noHandleSignals: true,
  taskList: {
    async hello(payload) {
      const { call, params } = payload as { call: string; params: string[] };
      await keep(call, `Hello, ${params[0]}!`);
    },
  },
});
readyForBench();
