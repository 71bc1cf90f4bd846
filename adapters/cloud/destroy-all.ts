import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import type { RequestContext } from '../http/cloud-port.ts';
import type { RunningCloud } from './running-cloud.ts';
import { undeploySettled } from './settled.ts';

/** Undeploys everything and waits until no container is left. */
export async function destroyAll(
  cloud: RunningCloud,
  { actor, trace }: RequestContext,
): Promise<{ removed: string[]; errors: { containerName: string; error: string }[] }> {
  const { views } = cloud.kernel;
  const before = [...views.containers.keys()];
  const living = [...views.deployments.values()].filter(({ status }) => status !== 'removed');
  for (const { domain, path } of living) {
    const command = { type: 'undeploy', domain, path, reason: 'everything was destroyed' } as const;
    await cloud.execute(command, { actor, trace, cause: null }).catch((error: unknown) => {
      // Somebody else undeployed it in between.
      if (!isPloinkyError(error, 'DEPLOYMENT_NOT_FOUND')) throw error;
    });
  }
  const patience = AbortSignal.timeout(2 * cloud.world.settings().stopGraceMs + 30_000);
  await Promise.allSettled(living.map(({ id }) => undeploySettled(cloud, id, patience)));
  const removed = before.filter((name) => !views.containers.has(name));
  const errors = before
    .filter((name) => views.containers.has(name))
    .map((containerName) => ({ containerName, error: 'It could not be stopped in time; it will be tried again.' }));
  return { removed, errors };
}
