import { it } from 'vitest';
import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { keepsEveryLine } from './log-suite.ts';

describeLive('docker', 'the logs of containers on Docker', (socketPath) => {
  it('have every line once over a kill of the server, a redeploy and the end', async () => {
    await keepsEveryLine({
      engine: 'docker',
      settings: { defaultImage: nodeImage },
      env: { DOCKER_HOST: `unix://${socketPath}` },
      kills: 1,
    });
  });
});
