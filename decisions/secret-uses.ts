import { secretNames } from '../core/manifest/environment.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';
import { wantedReleases } from './reconcile-releases.ts';
import { environmentOf } from './release-secrets.ts';

/** A release that serves, or is being made, and needs a secret. */
export interface SecretUse {
  readonly deployment: string;
  readonly release: number;
  /** Null while its source is not known yet. */
  readonly version: number | null;
  readonly serving: boolean;
}

export function usesOf(views: Views, name: string): SecretUse[] {
  return [...views.deployments.values()]
    .flatMap((deployment) => wantedReleases(views, deployment))
    .filter(({ status }) => status !== 'failed' && status !== 'retired')
    .filter((release) => needs(release, name))
    .map(({ deployment, n, source, pinned, status }) => {
      const version = (source ?? pinned)?.secrets[name] ?? null;
      return { deployment, release: n, version, serving: status === 'serving' };
    })
    .sort((a, b) => (a.deployment === b.deployment ? a.release - b.release : a.deployment < b.deployment ? -1 : 1));
}

/** A rollback knows what it needs before its source is there. */
function needs(release: Release, name: string): boolean {
  return secretNames(environmentOf(release)).includes(name) || release.pinned?.secrets[name] !== undefined;
}

/** Releases that do not serve any more and can be rolled back to only with this secret. */
export function rollbacksThatNeed(views: Views, name: string): SecretUse[] {
  return [...views.releases.values()]
    .filter(({ status, servedAt }) => status === 'retired' && servedAt !== null)
    .flatMap(({ deployment, n, source }) => {
      const version = source?.secrets[name];
      return version === undefined ? [] : [{ deployment, release: n, version, serving: false }];
    });
}
