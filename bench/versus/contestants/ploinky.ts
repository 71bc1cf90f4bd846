import { ServerUnderBench } from '../../server-under-bench.ts';
import type { Contestant, Standing } from '../contestant.ts';
import { gatewayBody, greeting } from '../greeting.ts';
import type { Ground } from '../ground.ts';
import { wrk } from '../packages.ts';
import { agentsBelow, family } from '../process-cost.ts';
import { httpLoad } from '../wrk.ts';

/** One server for both transports, as it is installed: every event durable. */
function single(ground: Ground): Promise<ServerUnderBench> {
  return ground.shared('Ploinky', async () => {
    const server = new ServerUnderBench();
    ground.atEnd(() => server.end());
    await server.start();
    await server.initialize();
    return server;
  });
}

async function callsOf(ground: Ground, server: ServerUnderBench, transport: 'http' | 'queue'): Promise<Standing> {
  const path = `/${transport}-agent`;
  await server.deploy(path, transport);
  const url = `${server.url}${path}/hello`;
  const load = await httpLoad(ground, { url, method: 'POST', body: gatewayBody, answers: greeting });
  // Until its server is killed, an agent is of the server's family.
  const agents = () => agentsBelow(server.dir);
  const servers = () => {
    const those = new Set(agents());
    return family(server.pid).filter((pid) => !those.has(pid));
  };
  return { load, servers, agents };
}

export const ploinkyHttp: Contestant = {
  name: 'ploinky',
  title: 'Ploinky, durable',
  needs: [wrk],
  start: async (ground) => callsOf(ground, await single(ground), 'http'),
};

export const ploinkyQueue: Contestant = {
  name: 'ploinky-queue',
  title: 'Ploinky, durable, file queue',
  needs: [wrk],
  start: async (ground) => callsOf(ground, await single(ground), 'queue'),
};
