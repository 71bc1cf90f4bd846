import Docker from 'dockerode';
import { it } from 'vitest';
import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { killAtRandomMoments } from './kill-moments.ts';

describeLive('docker', 'a server on Docker', (socketPath) => {
  it('that is killed at 50 random moments loses, doubles and forgets nothing', { timeout: 900_000 }, async () => {
    const docker = new Docker({ socketPath });
    await killAtRandomMoments({
      engine: 'docker',
      settings: { defaultImage: nodeImage },
      env: { DOCKER_HOST: `unix://${socketPath}` },
      rounds: 50,
      async running({ id }) {
        // Stopped ones count as well: what is not needed any more must be gone.
        const found = await docker.listContainers({ all: true, filters: { label: [`ploinky.cloud=${id}`] } });
        const counts: Record<string, number> = {};
        for (const { Labels } of found) {
          const deployment = Labels['ploinky.deployment'] ?? '';
          const path = deployment.slice(deployment.indexOf('/'));
          counts[path] = (counts[path] ?? 0) + 1;
        }
        return counts;
      },
    });
  });
});
