// Time from the start of the process to ready, and memory at rest: `node dist/bench/start.js [--quick] [--json]`.
import { spawnSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { median } from './rounds.ts';
import { ServerUnderBench } from './server-under-bench.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const rounds = values.quick ? 3 : 9;

const starts: number[] = [];
const bare: number[] = [];
const rssMiB = await ServerUnderBench.during(async (server) => {
  await server.deploy({ path: '/demo', agent: 'demo', transport: 'http' });
  for (let i = 0; i < rounds; i += 1) {
    await server.stop();
    starts.push(await server.start());
    const begun = performance.now();
    spawnSync(process.execPath, ['-e', '0'], { env: { PATH: process.env.PATH ?? '' } });
    bare.push(performance.now() - begun);
  }
  await wait(3_000);
  return Math.round(server.rss());
});

const row = {
  'with a log and one running agent, ms': Math.round(median(starts)),
  'bare node -e 0, ms': Math.round(median(bare)),
  ratio: Number((median(starts) / median(bare)).toFixed(1)),
  'idle RSS, MiB': rssMiB,
};
if (values.json) console.log(JSON.stringify({ bench: 'start', ...row }));
else {
  console.log('Start of the process to ready; memory of the server at rest, agents not counted');
  console.table([row]);
}
