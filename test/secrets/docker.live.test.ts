import Docker from 'dockerode';
import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { canarySuite } from './canaries.ts';

describeLive('docker', 'Secrets', (socketPath) => {
  const docker = new Docker({ socketPath });
  canarySuite({
    engine: 'docker',
    settings: { defaultImage: nodeImage },
    env: { DOCKER_HOST: `unix://${socketPath}` },
    async inspected(cloudId) {
      const listed = await docker.listContainers({ all: true, filters: { label: [`ploinky.cloud=${cloudId}`] } });
      const all = await Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
      // The environment is where the values belong.
      return JSON.stringify([listed, all.map((one) => ({ ...one, Config: { ...one.Config, Env: [] } }))]);
    },
  });
});
