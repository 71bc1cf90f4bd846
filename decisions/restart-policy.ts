import type { Container } from '../projections/containers.ts';
import type { Release } from '../projections/releases.ts';

/** What follows when a container of a release ends. */
export type RestartPolicy = NonNullable<Release['source']>['manifest']['restart'];

/** Of a release whose source is not known yet nothing runs. */
export function restartPolicyOf(release: Pick<Release, 'source'> | undefined): RestartPolicy {
  return release?.source?.manifest.restart ?? 'always';
}

/**
 * Whether a container that ended is left as it is, for its manifest says so. One that could not be started has not ended,
 * and one that was ended because it was not well has not done its work.
 */
export function staysDown({ status, exit, problem }: Container, policy: RestartPolicy): boolean {
  if (status !== 'exited' || policy === 'always') return false;
  if (policy === 'on-failure') return exit?.reason === 'ended' && exit.exitCode === 0;
  // What vanished did run.
  return exit !== null || problem === null;
}
