import type { ServerUnderBench } from '../../server-under-bench.ts';
import type { Contestant } from '../contestant.ts';
import { greeting, taskBody } from '../greeting.ts';
import type { Ground } from '../ground.ts';
import { httpLoad } from '../http-load.ts';
import { startNginx } from '../nginx.ts';
import { nginx, wrk } from '../packages.ts';
import { standingOf, startServer } from '../ploinky-server.ts';
import { family } from '../process-cost.ts';
import { makeWebRepository, webAnswer } from '../web-service.ts';

/** What is deployed at `/<agent>`, and how it is asked. */
interface Service {
  readonly agent: 'web' | 'core';
  readonly address: string;
  readonly method: 'GET' | 'POST';
  readonly body: string | null;
  readonly answers: string;
}

const web: Service = { agent: 'web', address: '', method: 'GET', body: null, answers: webAnswer };
const core: Service = { agent: 'core', address: 'task', method: 'POST', body: taskBody, answers: greeting };

/** The services, deployed once; this project and nginx pass requests to the same processes. */
function deployed(ground: Ground): Promise<ServerUnderBench> {
  return ground.shared('web services', async () => {
    const server = await startServer(ground, 'Ploinky');
    await deployWeb(ground, server);
    return server;
  });
}

async function portOf(server: ServerUnderBench, { agent }: Service): Promise<number> {
  const { state } = (await server.ask('GET', 'state')) as { state: { containers: Record<string, WebContainer> } };
  const container = Object.values(state.containers).find(({ deployment }) => deployment === `localhost/${agent}`);
  if (!container?.port) throw new Error(`the web service has no port: ${JSON.stringify(container)}`);
  return container.port;
}

/** Deploys the services at `/web` and `/core`. */
export async function deployWeb(ground: Ground, server: ServerUnderBench): Promise<void> {
  await server.ask('POST', 'settings', { 'git.allowLocal': true });
  await server.ask('POST', 'repositories', { name: 'web', url: makeWebRepository(ground.make('web-repository')) });
  for (const { agent } of [web, core]) await server.deploy({ path: `/${agent}`, agent, repository: 'web' });
}

interface WebContainer {
  readonly deployment: string;
  readonly port: number | null;
}

function passed(name: string, title: string, service: Service): Contestant {
  return {
    name,
    title,
    needs: [wrk],
    async start(ground) {
      const server = await deployed(ground);
      const { agent, address, method, body, answers } = service;
      const url = `${server.url}/${agent}/${address}`;
      return standingOf(server, await httpLoad(ground, { url, method, body, answers }));
    },
  };
}

function byNginx(name: string, title: string, service: Service): Contestant {
  return {
    name,
    title,
    needs: [wrk, nginx],
    async start(ground) {
      const server = await deployed(ground);
      const { pid, url } = await startNginx(ground, name, `127.0.0.1:${await portOf(server, service)}`);
      const { address, method, body, answers } = service;
      const load = await httpLoad(ground, { url: `${url}/${address}`, method, body, answers });
      return { load, servers: () => family(pid), agents: standingOf(server, load).agents };
    },
  };
}

export const passThroughAgent = passed('pass-through-agent', 'Ploinky, pass-through to an agent', core);
export const nginxToAgent = byNginx('nginx-core', 'nginx to that agent', core);
export const passThrough = passed('pass-through', 'Ploinky, pass-through to a web service', web);
export const nginxWeb = byNginx('nginx-web', 'nginx to the same web service', web);

/** The service itself, with nothing between it and its callers. */
export const bareWeb: Contestant = {
  name: 'bare-web',
  title: 'the same web service, bare',
  needs: [wrk],
  async start(ground) {
    const server = await deployed(ground);
    const url = `http://127.0.0.1:${await portOf(server, web)}/`;
    const load = await httpLoad(ground, { url, method: 'GET', body: null, answers: webAnswer });
    return { load, servers: () => [], agents: standingOf(server, load).agents };
  },
};
