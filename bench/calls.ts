// What a durable call through the gateway costs, beside the same agent without gateway and log, and beside the file
// queue: `node dist/bench/calls.js [--quick] [--json]`.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Agent, Pool, request } from 'undici';
import { median, quantile } from './rounds.ts';
import { ServerUnderBench } from './server-under-bench.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const connections = 50;
const callsPerRound = values.quick ? 1_000 : 5_000;
const rounds = values.quick ? 3 : 7;

const { found, bursts } = await ServerUnderBench.during(async (server) => {
  await server.deploy({ path: '/demo', agent: 'demo', transport: 'http' });
  await server.deploy({ path: '/queued', agent: 'demo', transport: 'queue' });

  const runs = join(server.dir, '.ploinky-cloud', 'run');
  const run = readdirSync(runs).find((name) => name.startsWith('localhost-demo')) ?? '';
  const direct = new Pool('http://agent', { connections, socketPath: join(runs, run, 'agent.sock') });
  const gateway = new Agent({ connections });
  const body = JSON.stringify({ command: 'hello', params: ['World'] });
  const headers = { 'content-type': 'application/json' };

  async function check(answer: Promise<{ statusCode: number; body: { json(): Promise<unknown> } }>): Promise<void> {
    const { statusCode, body: reply } = await answer;
    const { data } = (await reply.json()) as { data?: unknown };
    if (statusCode !== 200 || data !== 'Hello, World!') throw new Error(`status ${statusCode}: ${String(data)}`);
  }

  const throughGateway = (path: string) => () =>
    check(request(`${server.url}${path}`, { method: 'POST', headers, body, dispatcher: gateway }));
  const contestants: Record<string, () => Promise<void>> = {
    'agent alone': () => check(direct.request({ path: '/task', method: 'POST', headers, body })),
    'gateway, durable': throughGateway('/demo/hello'),
    'gateway, durable, file queue': throughGateway('/queued/hello'),
  };

  async function round(call: () => Promise<void>, count: number): Promise<{ rate: number; times: number[] }> {
    const times: number[] = [];
    let left = count;
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (left > 0) {
          left -= 1;
          const started = performance.now();
          await call();
          times.push(performance.now() - started);
        }
      }),
    );
    return { rate: (count / (performance.now() - begun)) * 1000, times };
  }

  const found = new Map(
    Object.keys(contestants).map((name) => [name, { rates: [] as number[], times: [] as number[] }]),
  );
  for (const call of Object.values(contestants)) await round(call, callsPerRound / 2);
  for (let i = 0; i < rounds; i += 1) {
    for (const [name, call] of Object.entries(contestants)) {
      const { rate, times } = await round(call, callsPerRound);
      found.get(name)?.rates.push(rate);
      found.get(name)?.times.push(...times);
    }
  }

  const bursts = [];
  for (const size of [50, 500]) {
    const dispatcher = new Agent({ connections: size });
    const nonces = Array.from({ length: size }, (_, i) => `burst-${size}-${i}`);
    const echoes = await Promise.allSettled(
      nonces.map(async (nonce) => {
        const answer = await request(`${server.url}/demo/echo`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ params: [nonce] }),
          dispatcher,
        });
        return JSON.stringify(await answer.body.json()).includes(`"${nonce}"`);
      }),
    );
    const answered = echoes.filter((echo) => echo.status === 'fulfilled' && echo.value).length;
    bursts.push({ atOnce: size, answeredRightly: answered });
    await dispatcher.close();
  }

  await gateway.close();
  await direct.close();
  return { found, bursts };
});

const alone = found.get('agent alone');
const rows = [...found].map(([contestant, { rates, times }]) => ({
  contestant,
  'calls/s': Math.round(median(rates)),
  'p50 ms': Number(median(times).toFixed(2)),
  'p99 ms': Number(quantile(times, 0.99).toFixed(2)),
  'p50 ratio': Number((median(times) / median(alone?.times ?? [])).toFixed(2)),
  'p99/p50': Number((quantile(times, 0.99) / median(times)).toFixed(2)),
}));
if (values.json) console.log(JSON.stringify({ bench: 'calls', connections, rows, bursts }));
else {
  console.log(`Calls of one agent at ${connections} connections, process engine; ratio = p50 to the agent alone`);
  console.table(rows);
  console.table(bursts);
}
