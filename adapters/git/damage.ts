import { isMachineTrouble } from './git-failure.ts';
import { LocalGitError } from './local-git.ts';
import { MirrorDamaged } from './remote.ts';

/** Whether making the repository anew helps. Where the machine is in trouble that would lose what is still readable. */
export function isDamage(error: unknown): boolean {
  if (error instanceof MirrorDamaged) return true;
  return error instanceof LocalGitError && !isMachineTrouble(error.stderr);
}
