import { releaseId } from '../core/names/names.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Release } from '../projections/releases.ts';
import type { Repository } from '../projections/repositories.ts';
import type { Views } from '../projections/views.ts';
import { follows } from './decide-watch.ts';

export type Watched =
  | {
      readonly kind: 'follows';
      readonly repository: Repository;
      /** Null = the default branch of the remote. */
      readonly branch: string | null;
    }
  /** Watched, and pushes do nothing for now. */
  | { readonly kind: 'rests'; readonly why: string };

type SourceViews = Pick<Views, 'releases' | 'repositories'>;

/** Which branch a deployment follows; null where it follows none, and is not meant to. */
export function watchedBranch(views: SourceViews, deployment: Deployment): Watched | null {
  const { watch, status, pin, config } = deployment;
  if (watch === null || status === 'removed') return null;
  if (pin) return rests(`pinned by the rollback to release ${pin.target}`);
  if (!follows(config)) {
    return rests(
      config.commit === null ? `takes the tag ${config.tag}` : `takes the commit ${config.commit.slice(0, 8)}`,
    );
  }
  const repository = repositoryOf(views, deployment);
  if (!repository) return rests('no repository is known to hold its agent');
  if (!repository.enabled) return rests(`the repository ${repository.name} is disabled`);
  return { kind: 'follows', repository, branch: config.branch ?? repository.branch };
}

/** Whether pushes to some branch of a repository make releases now, or once a release that is being made has ended. */
export function isFollowed(views: SourceViews & Pick<Views, 'deployments'>, repository: string): boolean {
  return [...views.deployments.values()].some((deployment) => {
    const watched = watchedBranch(views, deployment);
    return watched?.kind === 'follows' && watched.repository.name === repository;
  });
}

function rests(why: string): Watched {
  return { kind: 'rests', why };
}

/** The one that was named, else the one of its last release that had a source; undefined also where that is gone. */
export function usedRepository(views: SourceViews, deployment: Deployment): Repository | undefined {
  const name = usedName(views, deployment);
  return name === undefined ? undefined : views.repositories.get(name);
}

function usedName(views: SourceViews, { config, id, latest, underWay, found, routed }: Deployment): string | undefined {
  if (config.repository !== null) return config.repository;
  const newer = [latest, ...underWay.map(({ release }) => release).reverse()];
  const used = [...newer, found?.release, routed].map((n) => usedBy(views.releases.get(releaseId(id, n ?? 0))));
  return used.find((name) => name !== undefined);
}

/** The one it used, else the only one with such an agent. */
function repositoryOf(views: SourceViews, deployment: Deployment): Repository | undefined {
  const { config } = deployment;
  if (usedName(views, deployment) !== undefined) return usedRepository(views, deployment);
  const holders = [...views.repositories.values()].filter(
    ({ enabled, agents }) => enabled && agents.some((agent) => agent.name === config.agent),
  );
  return holders.length === 1 ? holders[0] : undefined;
}

function usedBy(release: Release | undefined): string | undefined {
  return release?.source?.repository ?? release?.push?.repository;
}
