import { it } from 'vitest';
import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { keepsEveryLine } from './log-suite.ts';

describeLive('podman', 'the logs of containers on Podman', (socketPath) => {
  it('have every line once over a kill of the server, a redeploy and the end', async () => {
    await keepsEveryLine({
      engine: 'podman',
      settings: { defaultImage: nodeImage },
      env: { CONTAINER_HOST: `unix://${socketPath}` },
      kills: 1,
    });
  });
});
