import { releaseId } from '../../../core/names/names.ts';
import { commitOf } from '../../../decisions/redeploy-on-push.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import type { Release } from '../../../projections/releases.ts';
import type { Views } from '../../../projections/views.ts';

export type SeenOutcome = 'serving' | 'served' | 'failed' | 'superseded' | 'pending' | 'waiting';

/** A commit that a watched branch was seen at, and what became of it. */
export interface LastSeen {
  readonly commit: string;
  /** As in a timeline; `waiting`: there is no release of it. */
  readonly outcome: SeenOutcome;
  /** The release that was made of it, the newest one where there are several; null = there is none. */
  readonly release: number | null;
  readonly failure: Release['failure'];
}

/**
 * @param head where the branch was at the last poll; null = the remote was not asked since the server started, so that the newest
 * release knows best which was not made by a rollback
 */
export function lastSeen(
  { releases }: Pick<Views, 'releases'>,
  { id, latest, routed }: Pick<Deployment, 'id' | 'latest' | 'routed'>,
  head: string | null,
): LastSeen | null {
  const newestFirst = Array.from({ length: latest }, (_, i) => releases.get(releaseId(id, latest - i))).flatMap(
    (release) => release ?? [],
  );
  const commit = head ?? newestFirst.map(seenBy).find((one) => one !== null) ?? null;
  if (commit === null) return null;
  const ofIt = newestFirst.filter((release) => commitOf(release) === commit);
  const release = ofIt.find(({ n }) => n === routed) ?? ofIt[0];
  if (!release) return { commit, outcome: 'waiting', release: null, failure: null };
  return { commit, outcome: outcomeOf(release, routed), release: release.n, failure: release.failure };
}

function outcomeOf({ n, status, servedAt }: Release, routed: number | null): SeenOutcome {
  if (n === routed) return 'serving';
  if (status === 'failed') return 'failed';
  if (status !== 'retired') return 'pending';
  return servedAt === null ? 'superseded' : 'served';
}

/** A rollback takes a commit of before, wherever the branch is. */
function seenBy(release: Release): string | null {
  return release.trigger === 'rollback' ? null : commitOf(release);
}
