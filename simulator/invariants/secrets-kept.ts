import type { RunningCloud } from '../../adapters/cloud/running-cloud.ts';
import type { Entry } from '../disk/disk.ts';
import { partsOf } from '../disk/disk.ts';
import { paths } from '../server/place.ts';
import { secretMark } from '../server/secrets.ts';
import type { Simulation } from '../simulation.ts';

/** Every version that the log names can be read and is what was given; and no file of the server holds one in the clear. */
export async function secretsKept({ ground, secrets, disk }: Simulation, cloud: RunningCloud): Promise<void> {
  for (const { name, versions } of cloud.store.views.secrets.values()) {
    for (const version of versions) {
      const value = await cloud.world.secrets.get(name, version).catch((error: Error) => error.message);
      if (value !== secrets.valueOf(name, version))
        ground.fail('secret-kept', `version ${version} of ${name} is not what was stored: ${value}`);
    }
  }
  const look = (entry: Entry | undefined, path: string) => {
    if (entry?.kind === 'folder') for (const [name, one] of entry.entries) look(one, `${path}/${name}`);
    if (entry?.kind === 'file' && entry.bytes.includes(secretMark))
      ground.fail('secret-never-told', `${path} holds a secret in the clear`);
  };
  look(disk.find(paths.data), `/${partsOf(paths.data).join('/')}`);
}
