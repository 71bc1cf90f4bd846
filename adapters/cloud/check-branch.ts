import { withDeadline } from '../../core/clock/deadline.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { branchInstead } from '../../decisions/decide-watch.ts';
import { usedRepository } from '../../decisions/watched-branch.ts';
import type { World } from '../pipeline/world.ts';

/** Git ends by itself before this. */
const graceMs = 5_000;

/**
 * A deploy takes the name of a tag for that of a branch as well, and only the remote knows which it is. Where it does not answer,
 * nothing is refused: whoever asks it later tells of the same.
 * @throws PloinkyError WATCH_IMPOSSIBLE
 */
export async function checkBranch(
  { views, git, settings, logger }: Pick<World, 'views' | 'git' | 'settings' | 'logger'>,
  deployment: string,
  signal: AbortSignal,
): Promise<void> {
  const known = views.deployments.get(deployment);
  if (!known || known.status === 'removed' || known.config.branch === null) return;
  const { config } = known;
  const { branch, tag, commit } = config;
  const repository = usedRepository(views, known);
  if (branch === null || tag !== null || commit !== null || !repository) return;
  const kind = await withDeadline(signal, settings()['git.timeoutMs'] + graceMs, (given) =>
    git.kindOf(repository, branch, given),
  ).catch((error: unknown) => {
    if (signal.aborted) throw error;
    logger.warn({ repository: repository.name, err: error }, 'the remote did not say what a name is of');
    return 'branch' as const;
  });
  if (kind === 'branch') return;
  const what =
    kind === 'tag' ? `the tag ${branch}, which no push moves` : `${branch}, which is no name of a branch of it`;
  throw new PloinkyError('WATCH_IMPOSSIBLE', `${deployment} takes of the repository ${repository.name} ${what}.`, {
    hint: branchInstead(deployment, config),
  });
}
