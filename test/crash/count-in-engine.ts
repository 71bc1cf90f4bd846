import Docker from 'dockerode';
import type { Counted } from './kill-boundaries.ts';

/** What an engine has of a cloud, stopped containers and helpers included. */
export async function countInEngine(socketPath: string, cloudId: string): Promise<Counted> {
  const docker = new Docker({ socketPath });
  const filters = { label: [`ploinky.cloud=${cloudId}`] };
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  return { containers: containers.length, networks: networks.length, volumes: (volumes ?? []).length };
}
