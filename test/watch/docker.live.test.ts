import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../crash/operator.ts';
import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { Ground } from '../trouble/ground.ts';
import { PushedAgent } from './pushed-agent.ts';

describeLive('docker', 'A push', (socketPath) => {
  let ground: Ground;
  let agent: PushedAgent;

  beforeAll(async () => {
    agent = await PushedAgent.make();
    ground = await Ground.make({
      settings: { engine: 'docker', defaultImage: nodeImage, 'git.pollMinMs': 200, 'git.pollMaxMs': 400 },
      env: { DOCKER_HOST: `unix://${socketPath}` },
    });
    ground.cleanup(() => agent.clear());
    await ground.addRepository('shop', agent.url);
  });
  afterAll(() => ground?.clear());

  it('is a new release in a container, and one that breaks leaves what served', async () => {
    const said = async () => (await ground.call('/shop', 'say')).body.data;
    await ground.deployed('/shop', 'shop', { watch: true });
    expect(await said()).toBe('one');
    await agent.push('two');
    await eventually('the new answer', 60, async () => ((await said()) === 'two' ? true : undefined));
    await agent.push('broken', { run: 'exit 7' });
    await eventually('the failed release', 60, async () =>
      (await ground.events('/shop')).find(({ type }) => type === 'release.failed'),
    );
    expect(await said()).toBe('two');
  });
});
