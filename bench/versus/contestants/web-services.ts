import type { ServerUnderBench } from '../../server-under-bench.ts';
import type { Contestant } from '../contestant.ts';
import type { Ground } from '../ground.ts';
import { httpLoad } from '../http-load.ts';
import { startNginx } from '../nginx.ts';
import { nginx, wrk } from '../packages.ts';
import { standingOf, startServer } from '../ploinky-server.ts';
import { family } from '../process-cost.ts';
import { makeWebRepository, webAnswer } from '../web-service.ts';

const path = '/web';

/** The service, deployed once; this project and nginx pass requests to the same process. */
function deployed(ground: Ground): Promise<{ server: ServerUnderBench; port: number }> {
  return ground.shared('web service', async () => {
    const server = await startServer(ground, 'Ploinky');
    await deployWeb(ground, server);
    const { state } = (await server.ask('GET', 'state')) as { state: { containers: Record<string, WebContainer> } };
    const container = Object.values(state.containers).find(({ deployment }) => deployment === `localhost${path}`);
    const port = container?.port;
    if (!port) throw new Error(`the web service has no port: ${JSON.stringify(container)}`);
    return { server, port };
  });
}

/** Deploys the service at `/web`. */
export async function deployWeb(ground: Ground, server: ServerUnderBench): Promise<void> {
  await server.ask('POST', 'settings', { 'git.allowLocal': true });
  await server.ask('POST', 'repositories', { name: 'web', url: makeWebRepository(ground.make('web-repository')) });
  await server.deploy({ path, agent: 'web', repository: 'web' });
}

interface WebContainer {
  readonly deployment: string;
  readonly port: number | null;
}

export const passThrough: Contestant = {
  name: 'pass-through',
  title: 'Ploinky, pass-through to a web service',
  needs: [wrk],
  async start(ground) {
    const { server } = await deployed(ground);
    const url = `${server.url}${path}/`;
    return standingOf(server, await httpLoad(ground, { url, method: 'GET', body: null, answers: webAnswer }));
  },
};

export const nginxWeb: Contestant = {
  name: 'nginx-web',
  title: 'nginx to the same web service',
  needs: [wrk, nginx],
  async start(ground) {
    const { server, port } = await deployed(ground);
    const { pid, url } = await startNginx(ground, 'nginx-web', `127.0.0.1:${port}`);
    const load = await httpLoad(ground, { url: `${url}/`, method: 'GET', body: null, answers: webAnswer });
    const { agents } = standingOf(server, load);
    return { load, servers: () => family(pid), agents };
  },
};

/** The service itself, with nothing between it and its callers. */
export const bareWeb: Contestant = {
  name: 'bare-web',
  title: 'the same web service, bare',
  needs: [wrk],
  async start(ground) {
    const { server, port } = await deployed(ground);
    const url = `http://127.0.0.1:${port}/`;
    const load = await httpLoad(ground, { url, method: 'GET', body: null, answers: webAnswer });
    return { load, servers: () => [], agents: standingOf(server, load).agents };
  },
};
