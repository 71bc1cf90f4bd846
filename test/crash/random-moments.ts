import { withOwnDocker } from '../supervision/own-docker.ts';
import { agentsBelow } from './agents-below.ts';
import { containersOf } from './containers-of.ts';
import { killAtRandomMoments } from './kill-moments.ts';

/** The long form on plain processes, and on a Docker of its own. */
export async function randomMoments(engine: 'docker' | 'process', rounds: number): Promise<{ kills: number }> {
  if (engine === 'process') {
    await killAtRandomMoments({ engine, rounds, running: async ({ dir }) => agentsBelow(dir) });
    return { kills: rounds };
  }
  return withOwnDocker(1_000, async ({ socketPath }, defaultImage) => {
    await killAtRandomMoments({
      engine,
      settings: { defaultImage },
      env: { DOCKER_HOST: `unix://${socketPath}` },
      rounds,
      running: ({ id }) => containersOf(socketPath, id),
    });
    return { kills: rounds };
  });
}
