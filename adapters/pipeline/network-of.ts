import type { Manifest } from '../../core/manifest/manifest.ts';
import { networkName } from '../../core/names/names.ts';
import type { Release } from '../../projections/releases.ts';

/**
 * Name of the network that a release's containers are in, or `none`. Where sockets cannot be shared with containers, an
 * agent is reached by a port and so needs a network too.
 */
export function networkOf({ source, deployment }: Release, cloudId: string): string {
  const { network, web } = source?.manifest ?? ({ network: 'none', web: null } satisfies Partial<Manifest>);
  const byPort = web === null && process.platform !== 'linux';
  return network === 'bridge' || byPort ? networkName(deployment, cloudId) : 'none';
}
