import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import { releaseId } from '../../core/names/names.ts';
import { scalingOf } from '../../decisions/scaling.ts';
import type { Release } from '../../projections/releases.ts';
import type { Repository } from '../../projections/repositories.ts';
import type { RunningCloud } from './running-cloud.ts';

/** Looks now and after every commit, until there is an answer. Rejects when `signal` aborts. */
function until<T>(
  cloud: RunningCloud,
  signal: AbortSignal,
  look: (events: readonly PloinkyEvent[]) => T | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const subscription = cloud.log.subscribe({}, (events) => answer(look(events as readonly PloinkyEvent[])));
    const stop = () => {
      subscription.close();
      reject(signal.reason);
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    answer(look([]));

    function answer(found: T | undefined) {
      if (found === undefined) return;
      subscription.close();
      signal.removeEventListener('abort', stop);
      resolve(found);
    }
  });
}

export function releaseSettled(
  cloud: RunningCloud,
  deployment: string,
  n: number,
  signal: AbortSignal,
): Promise<Release> {
  const ended = new Set(['serving', 'failed', 'retired']);
  return until(cloud, signal, () => {
    const release = cloud.kernel.views.releases.get(releaseId(deployment, n));
    if (!release) throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `There is no release ${n} of ${deployment}.`);
    return ended.has(release.status) ? release : undefined;
  });
}

export async function repositorySettled(
  cloud: RunningCloud,
  name: string,
  wantedAt: number,
  signal: AbortSignal,
): Promise<Repository | undefined> {
  let last = cloud.kernel.views.repositories.get(name);
  const found = await until<{ repository: Repository | undefined }>(cloud, signal, (events) => {
    const repository = cloud.kernel.views.repositories.get(name);
    if (repository) {
      last = repository;
      return repository.sync !== 'wanted' || repository.wantedAt > wantedAt ? { repository } : undefined;
    }
    // Removed right after its failure: the answer is the failure, not the absence.
    const failed = events.find((event) => event.type === 'repository.syncFailed' && event.data.name === name);
    if (failed?.type === 'repository.syncFailed' && last) {
      return { repository: { ...last, sync: 'failed', problem: failed.data.problem } };
    }
    return { repository: undefined };
  });
  return found.repository;
}

export async function scaleSettled(cloud: RunningCloud, deployment: string, signal: AbortSignal): Promise<void> {
  await until(cloud, signal, () => {
    const { missing, troubled, surplus } = scalingOf(cloud.kernel.views, deployment);
    return troubled.length > 0 || (missing.length === 0 && surplus.length === 0) ? true : undefined;
  });
}

export async function undeploySettled(cloud: RunningCloud, deployment: string, signal: AbortSignal): Promise<void> {
  await until(cloud, signal, () => {
    const { containers, networks } = cloud.kernel.views;
    const left = [...containers.values(), ...networks.values()].some((one) => one.deployment === deployment);
    return left ? undefined : true;
  });
}

export async function volumesSettled(cloud: RunningCloud, deployment: string, signal: AbortSignal): Promise<void> {
  await until(cloud, signal, () => {
    const leaving = [...cloud.kernel.views.volumes.values()].some(
      (volume) => volume.deployment === deployment && volume.status === 'removeRequested',
    );
    return leaving ? undefined : true;
  });
}
