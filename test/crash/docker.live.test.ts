import { it } from 'vitest';
import { timesOf } from '../durability/chance.ts';
import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { containersOf } from './containers-of.ts';
import { killAtRandomMoments } from './kill-moments.ts';

const rounds = timesOf('PLOINKY_MOMENTS', 15);

describeLive('docker', 'a server on Docker', (socketPath) => {
  it('that is killed at random moments loses, doubles and forgets nothing', { timeout: 900_000 }, async () => {
    await killAtRandomMoments({
      engine: 'docker',
      settings: { defaultImage: nodeImage },
      env: { DOCKER_HOST: `unix://${socketPath}` },
      rounds,
      running: ({ id }) => containersOf(socketPath, id),
    });
  });
});
