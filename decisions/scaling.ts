import { releaseId } from '../core/names/names.ts';
import type { Container, ContainerStatus } from '../projections/containers.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';
import { servingAmong, type WantedContainer, wantedContainers } from './wanted-containers.ts';

/** A wanted container, and what the log knows of it. */
export interface Replica extends WantedContainer {
  readonly container: Container | undefined;
}

/** The containers that a release should run in, and what there is of them. */
export function replicasOf(
  { cloud, containers }: Pick<Views, 'cloud' | 'containers'>,
  deployment: Pick<Deployment, 'id' | 'replicas'>,
  release: Pick<Release, 'n' | 'source'>,
): Replica[] {
  const cloudId = cloud.get('cloud')?.cloudId ?? '';
  return wantedContainers(deployment, release, cloudId).map((wanted) => {
    return { ...wanted, container: containers.get(wanted.name) };
  });
}

/** How far a deployment is from the number of containers that it should run in. */
export interface Scaling {
  readonly replicas: readonly Replica[];
  /** Those that serve. */
  readonly serving: readonly Replica[];
  /** Those of the release that serves which do not answer yet; none where enough do, whatever is to be kept warm. */
  readonly missing: readonly Replica[];
  /** Those among them that ended or do not answer; they are tried again after a pause, where the manifest lets them. */
  readonly troubled: readonly Container[];
  /** Containers of that release which are too many. */
  readonly surplus: readonly Container[];
}

const troubles: readonly ContainerStatus[] = ['exited', 'unhealthy', 'restartRequested'];

const nothing: Scaling = { replicas: [], serving: [], missing: [], troubled: [], surplus: [] };

/** Nothing is missing where no release serves: the one that is being made begins with all its containers. */
export function scalingOf(
  views: Pick<Views, 'cloud' | 'deployments' | 'releases' | 'containers'>,
  id: string,
): Scaling {
  const deployment = views.deployments.get(id);
  const release = deployment?.routed == null ? undefined : views.releases.get(releaseId(id, deployment.routed));
  if (!deployment || !release) return nothing;
  const replicas = replicasOf(views, deployment, release);
  const answers = ({ container }: Replica) => container?.status === 'healthy';
  const serving = servingAmong(replicas.filter(answers), deployment);
  // Files need none.
  const enough = serving.length >= Math.min(deployment.replicas, replicas.length);
  const missing = enough ? [] : replicas.filter((replica) => !answers(replica));
  const troubled = missing.flatMap(({ container }) => {
    return container && troubles.includes(container.status) ? container : [];
  });
  const surplus = [...views.containers.values()].filter((container) => {
    const ofRelease = container.deployment === id && container.release === release.n;
    return ofRelease && !replicas.some(({ name }) => name === container.name);
  });
  return { replicas, serving, missing, troubled, surplus };
}
