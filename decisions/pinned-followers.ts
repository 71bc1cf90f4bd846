import type { Deployment } from '../projections/deployments.ts';
import type { Views } from '../projections/views.ts';
import { watchedBranch } from './watched-branch.ts';

/** A deployment that would follow a push, were it not pinned by a rollback. */
export interface PinnedFollower {
  /** `<domain><path>` */
  readonly deployment: string;
  /** Release that the rollback went back to. */
  readonly target: number;
  /** ISO 8601, and the event that pinned it. */
  readonly since: string;
  readonly seq: number;
}

/** @param branch null = nobody said which one was pushed to */
export function pinnedFollowers(
  views: Pick<Views, 'deployments' | 'releases' | 'repositories'>,
  repository: string,
  branch: string | null,
): PinnedFollower[] {
  return [...views.deployments.values()].flatMap((deployment) => {
    const { id, pin } = deployment;
    if (!pin || !wouldFollow(views, deployment, repository, branch)) return [];
    return [{ deployment: id, target: pin.target, since: pin.since, seq: pin.seq }];
  });
}

/** A default branch has no name before the remote is asked, so that it may be this one. */
function wouldFollow(
  views: Pick<Views, 'releases' | 'repositories'>,
  deployment: Deployment,
  repository: string,
  branch: string | null,
): boolean {
  const watched = watchedBranch(views, { ...deployment, pin: null });
  if (watched?.kind !== 'follows' || watched.repository.name !== repository) return false;
  return branch === null || watched.branch === null || watched.branch === branch;
}
