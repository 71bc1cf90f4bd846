import type { EngineConnection } from './engine-connection.ts';
import type { StoredImage } from './engine-port.ts';
import { refusedWith } from './owned-containers.ts';

/** Removing takes layers off the disk. */
const removeMs = 120_000;

export async function storedImages(connection: EngineConnection, signal: AbortSignal): Promise<readonly StoredImage[]> {
  const [images, containers] = await Promise.all([
    connection.ask('list images', signal, (docker, abortSignal) => docker.listImages({ all: true, abortSignal })),
    connection.ask('list containers', signal, (docker, abortSignal) =>
      docker.listContainers({ all: true, abortSignal }),
    ),
  ]);
  const used = new Set(containers.map(({ ImageID }) => withAlgorithm(ImageID)));
  const parents = new Set(images.map(({ ParentId }) => withAlgorithm(ParentId ?? '')));
  return images.map(({ Id, RepoTags, Size }) => {
    const id = withAlgorithm(Id);
    // Podman has no list at all where Docker names nothing.
    const tags = (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
    return { id, tags, bytes: Size, inUse: used.has(id), hasChildren: parents.has(id) };
  });
}

/** Never by force: an engine refuses what something still needs, and that is told. */
export async function removeStoredImage(
  connection: EngineConnection,
  id: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await connection.ask(
      'remove an image',
      signal,
      (docker, abortSignal) => docker.getImage(id).remove({ force: false, abortSignal }),
      removeMs,
    );
    return true;
  } catch (error) {
    if (refusedWith(error, 404)) return false;
    throw error;
  }
}

function withAlgorithm(id: string): string {
  return id === '' || id.startsWith('sha256:') ? id : `sha256:${id}`;
}
