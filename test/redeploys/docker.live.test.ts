import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { RedeployGround } from './redeploy-ground.ts';
import { SteadyLoad } from './steady-load.ts';

describeLive('docker', 'A redeploy under load', (socketPath) => {
  let ground: RedeployGround;
  beforeAll(async () => {
    ground = await RedeployGround.make({
      settings: { engine: 'docker', defaultImage: nodeImage, agentStartTimeoutMs: 60_000, drainTimeoutMs: 2_000 },
      env: { DOCKER_HOST: `unix://${socketPath}` },
    });
  });
  afterAll(() => ground?.clear());

  it('fails no request', async () => {
    const load = new SteadyLoad(
      { url: ground.server.url, rate: 60, longMs: 300, sockets: 1, streams: 1, retries: false },
      1,
    );
    load.start();
    try {
      await ground.redeploy(load);
      await ground.gone(3);
    } finally {
      await load.stop();
    }
    expect(load.failures).toEqual([]);
    expect(load.counts.socket.whole).toBeGreaterThan(1);
  });
});
