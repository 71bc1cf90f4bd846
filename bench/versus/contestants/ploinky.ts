import type { ServerUnderBench } from '../../server-under-bench.ts';
import type { Contestant, Standing } from '../contestant.ts';
import { gatewayBody, greeting } from '../greeting.ts';
import type { Ground } from '../ground.ts';
import { httpLoad } from '../http-load.ts';
import { wrk } from '../packages.ts';
import { standingOf, startServer } from '../ploinky-server.ts';

async function callsOf(ground: Ground, server: ServerUnderBench, transport: 'http' | 'queue'): Promise<Standing> {
  const path = `/${transport}-agent`;
  await server.deploy({ path, transport, agent: 'demo' });
  const url = `${server.url}${path}/hello`;
  return standingOf(server, await httpLoad(ground, { url, method: 'POST', body: gatewayBody, answers: greeting }));
}

/** As it is installed: one process, both events of a call durable. */
export const ploinky: Contestant = {
  name: 'ploinky',
  title: 'Ploinky, durable',
  needs: [wrk],
  start: async (ground) => callsOf(ground, await startServer(ground, 'Ploinky'), 'http'),
};

export const ploinkyCluster: Contestant = {
  name: 'ploinky-cluster',
  title: 'Ploinky, durable, a worker for each core',
  needs: [wrk],
  async start(ground) {
    const server = await startServer(ground, 'Ploinky cluster', { settings: { workersCount: 'auto' } });
    return callsOf(ground, server, 'http');
  },
};

export const ploinkyQueue: Contestant = {
  name: 'ploinky-queue',
  title: 'Ploinky, durable, file queue',
  needs: [wrk],
  start: async (ground) => callsOf(ground, await startServer(ground, 'Ploinky'), 'queue'),
};

/** Not something that can be configured: see `programs/gateway-without-log.ts`. */
export const ploinkyWithoutLog: Contestant = {
  name: 'ploinky-no-log',
  title: 'Ploinky’s gateway without the log',
  needs: [wrk],
  async start(ground) {
    const program = 'dist/bench/versus/programs/gateway-without-log.js';
    return callsOf(ground, await startServer(ground, 'Ploinky without log', { program }), 'http');
  },
};
