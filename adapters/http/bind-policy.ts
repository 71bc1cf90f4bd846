import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { isLoopbackHost } from './auth/peer.ts';

/**
 * Why the server may not listen there; null when it may. Beyond loopback everybody could call agents, so agent
 * calls must need a proof, and somebody must already hold the first key.
 */
export function bindProblem(
  host: string | undefined,
  { initialized, enableAuth }: { initialized: boolean; enableAuth: boolean },
): PloinkyError | null {
  if (host === undefined || isLoopbackHost(host.toLowerCase()) || (initialized && enableAuth)) return null;
  const why = initialized ? 'the setting enableAuth is false' : 'this cloud is not initialised';
  return new PloinkyError('BIND_REFUSED', `Listening on ${host} would let other machines in while ${why}.`);
}
