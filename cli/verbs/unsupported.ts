import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';

/** `cloud admin …` of earlier versions. */
export async function adminInstead(_call: Invocation): Promise<never> {
  throw new PloinkyError('NOT_SUPPORTED', 'There are no users and passwords: API keys replace them.', {
    hint: 'See `p-cli cloud keys list`, `p-cli cloud keys rotate` and `p-cli cloud keys revoke <keyId>`.',
  });
}

/** `add repo`, `new agent`, `set run`, `enable env`, `run bash` and their kin, which ran agents without a cloud. */
export async function localInstead(_call: Invocation): Promise<never> {
  throw new PloinkyError('NOT_SUPPORTED', 'The local commands of earlier versions are not part of this one.', {
    hint: 'Use a cloud on this machine: `p-cli cloud start`, then `p-cli cloud deploy <host> <path> <agent>`.',
  });
}
