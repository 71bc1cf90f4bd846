import { stat } from 'node:fs/promises';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EngineConnection } from './engine-connection.ts';
import type { ContainerSpec } from './engine-port.ts';

/** Every folder has to be there: Podman would make a missing one, as root, and the agent would find it empty. */
export async function checkFolders(spec: ContainerSpec): Promise<void> {
  for (const mount of spec.mounts) {
    if (mount.kind !== 'bind' || (await stat(mount.source).catch(() => null)) !== null) continue;
    throw new PloinkyError('START_FAILED', `${mount.source} cannot be mounted into ${spec.name}: it does not exist.`);
  }
}

/**
 * Makes the named volumes that are not there yet, with the label of this cloud, where nobody did before. By hand, since Podman ignores labels
 * that come with a mount. A volume that exists stays as it is, on both engines.
 */
export async function makeVolumes(
  connection: EngineConnection,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<void> {
  const names = spec.mounts.filter((mount) => mount.kind === 'volume').map((mount) => mount.source);
  for (const name of new Set(names)) {
    await connection.ask('create a volume', signal, (docker, abortSignal) =>
      docker.createVolume({ Name: name, Labels: { 'ploinky.cloud': spec.labels['ploinky.cloud'] }, abortSignal }),
    );
  }
}
