import type { ContainerInspectInfo } from 'dockerode';
import type { EngineConnection } from './engine-connection.ts';
import type { InspectedContainer, OwnershipLabels } from './engine-port.ts';
import { observedFromInspect } from './observed-container.ts';
import { refusedWith } from './owned-containers.ts';

/** The answer of `GET /containers/<id>/json`, without a value of any variable. */
export function inspectedContainer(answer: ContainerInspectInfo, digests: readonly string[]): InspectedContainer {
  const { name, engineId, status } = observedFromInspect(answer);
  const { Labels: labels = {}, Env: variables } = answer.Config;
  const label = (key: keyof OwnershipLabels) => labels?.[key] ?? '';
  return {
    name,
    engineId,
    status,
    startedAt: answer.State.StartedAt,
    labels: {
      'ploinky.cloud': label('ploinky.cloud'),
      'ploinky.deployment': label('ploinky.deployment'),
      'ploinky.release': label('ploinky.release'),
      'ploinky.spec': label('ploinky.spec'),
    },
    // Podman leaves out what kind of digest it is.
    imageId: answer.Image.startsWith('sha256:') ? answer.Image : `sha256:${answer.Image}`,
    digests,
    environment: [...new Set((variables ?? []).map((entry) => entry.split('=', 1)[0] ?? ''))].sort(),
  };
}

/** None when the image was taken away under the running container. */
export async function imageDigests(
  connection: EngineConnection,
  imageId: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const { RepoDigests: entries } = await connection.ask('inspect an image', signal, (docker) =>
      docker.getImage(imageId).inspect(),
    );
    return [...new Set((entries ?? []).map((entry) => entry.slice(entry.indexOf('@') + 1)))].sort();
  } catch (error) {
    if (refusedWith(error, 404)) return [];
    throw error;
  }
}
