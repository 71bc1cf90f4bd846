import type { ContainerCreateOptions } from 'dockerode';
import { createRequest, type RequestTraits } from './create-request.ts';
import type { ContainerSpec } from './engine-port.ts';

/** Marks a container that is part of starting another one; it is neither listed nor announced. */
export const helperLabel = 'ploinky.helper';

/**
 * A new volume belongs to root, and a container that runs as somebody else could not write it. So a helper of the
 * same image, which may change owners and nothing else, hands the volumes over before the container is made.
 * @returns its request, or null when nothing has to be handed over
 */
export function handoverRequest(
  spec: ContainerSpec,
  user: string,
  controllers: RequestTraits['controllers'],
): ContainerCreateOptions | null {
  const mounts = spec.mounts.filter((mount) => mount.kind === 'volume' && !mount.readOnly);
  if (user === '0:0' || mounts.length === 0) return null;
  const request = createRequest(
    {
      ...spec,
      name: `${spec.name}-volumes`,
      command: ['chown', user, ...mounts.map((mount) => mount.target)],
      environment: {},
      secrets: {},
      workingDirectory: '/',
      mounts,
      network: 'none',
      publishPort: null,
    },
    { user: '0:0', selinux: false, init: false, linkLocal: false, controllers },
  );
  return {
    ...request,
    Labels: { 'ploinky.cloud': spec.labels['ploinky.cloud'], [helperLabel]: 'volumes' },
    HostConfig: { ...request.HostConfig, CapAdd: ['CHOWN'] },
  };
}
