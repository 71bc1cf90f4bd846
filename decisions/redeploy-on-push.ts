import { releaseId } from '../core/names/names.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { watchedBranch } from './watched-branch.ts';

/**
 * The head of a watched branch → a new release, or nothing. Nothing where it serves already, or was tried already: a push
 * that failed is not tried again until the branch moves. Nothing while a release is being made, so that many pushes in a row
 * cannot keep every one of them from serving; once it ended the remote is asked again. The answer is the same however
 * often, and by whomever, it is asked.
 */
export function redeployOnPush(views: Views, command: CommandOf<'redeployOnPush'>): Decision {
  const { domain, path, push, engine, latest } = command;
  const known = views.deployments.get(`${domain}${path}`);
  if (!known || known.latest !== latest || !mayFollow(known)) return accepted();
  const watched = watchedBranch(views, known);
  if (watched?.kind !== 'follows' || watched.repository.name !== push.repository) return accepted();
  if (watched.branch !== null && watched.branch !== push.branch) return accepted();
  if (triedCommits(views, known).includes(push.commit)) return accepted();
  const { repository, branch, commit } = push;
  return accepted({
    type: 'deployment.requested',
    stream: `deployment:${known.id}`,
    data: {
      domain,
      path,
      release: known.latest + 1,
      trigger: 'push',
      config: known.config,
      engine,
      pinned: null,
      reason: `push of ${commit.slice(0, 8)} to ${branch} of ${repository}`,
      push,
    },
  });
}

/** Whether all of its releases are through: they serve, or never will. */
export function mayFollow({ underWay }: Deployment): boolean {
  return underWay.length === 0;
}

/** Of the newest release, whatever became of it, of the newest that had a source, and of the one that serves. */
function triedCommits(views: Pick<Views, 'releases'>, { id, latest, found, routed }: Deployment): (string | null)[] {
  return [latest, found?.release, routed].map((n) => commitOf(views.releases.get(releaseId(id, n ?? 0))));
}

/** Of a release by push it is known also where its source could not be read. */
export function commitOf(release: Release | undefined): string | null {
  return release?.source?.commit ?? release?.push?.commit ?? null;
}
