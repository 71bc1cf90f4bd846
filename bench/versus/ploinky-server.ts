import { ServerUnderBench } from '../server-under-bench.ts';
import type { Standing } from './contestant.ts';
import type { Ground } from './ground.ts';
import type { Load } from './load.ts';
import { agentsBelow, family } from './process-cost.ts';

/** One of this project's servers, each started once, as several contestants may use it. */
export function startServer(
  ground: Ground,
  name: string,
  options: { readonly program?: string; readonly settings?: Readonly<Record<string, unknown>> } = {},
): Promise<ServerUnderBench> {
  return ground.shared(name, async () => {
    const server = new ServerUnderBench(options.program);
    ground.atEnd(() => server.end());
    await server.start();
    await server.initialize();
    if (options.settings) {
      await server.ask('POST', 'settings', options.settings);
      await server.stop();
      await server.start();
    }
    return server;
  });
}

export function standingOf(server: ServerUnderBench, load: Load): Standing {
  // Until its server is killed, an agent is of the server's family.
  const agents = () => agentsBelow(server.dir);
  const servers = () => {
    const those = new Set(agents());
    return family(server.pid).filter((pid) => !those.has(pid));
  };
  return { load, servers, agents };
}
