import type { Deployment } from '../projections/deployments.ts';
import type { Repository } from '../projections/repositories.ts';
import type { Views } from '../projections/views.ts';
import { mayFollow } from './redeploy-on-push.ts';
import { watchedBranch } from './watched-branch.ts';

/** A deployment that a push could redeploy now. */
export interface Follower {
  readonly deployment: Deployment;
  /** Null = the default branch. */
  readonly branch: string | null;
}

/** A remote that has to be asked now and then, once for all that follow it. */
export interface WatchedRemote {
  readonly repository: Repository;
  readonly followers: readonly Follower[];
  /** The same as long as nothing changed that would make the answer of before worthless. */
  readonly key: string;
}

/** By the name of the repository. Deployments of which a release is still being made wait for its end. */
export function watchedRemotes(
  views: Pick<Views, 'deployments' | 'releases' | 'repositories'>,
): Map<string, WatchedRemote> {
  const remotes = new Map<string, { repository: Repository; followers: Follower[] }>();
  for (const deployment of views.deployments.values()) {
    const watched = watchedBranch(views, deployment);
    if (watched?.kind !== 'follows' || !mayFollow(deployment)) continue;
    const { repository, branch } = watched;
    const remote = remotes.get(repository.name) ?? { repository, followers: [] };
    remote.followers.push({ deployment, branch });
    remotes.set(repository.name, remote);
  }
  return new Map([...remotes].map(([name, remote]) => [name, { ...remote, key: keyOf(remote) }]));
}

function keyOf({ repository, followers }: Omit<WatchedRemote, 'key'>): string {
  const each = followers.map(({ deployment, branch }) => [deployment.id, deployment.latest, branch]);
  return JSON.stringify([repository.url, ...each]);
}
