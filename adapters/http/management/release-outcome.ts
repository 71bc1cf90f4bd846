import { errorFromProblem, PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { Release } from '../../../projections/releases.ts';
import type { Views } from '../../../projections/views.ts';

/**
 * Nothing when the release serves; else why it does not.
 * @throws PloinkyError the problem of the failed stage, SUPERSEDED, DEPLOYMENT_REMOVED
 */
export function checkServes(views: Pick<Views, 'deployments'>, release: Release): void {
  if (release.status === 'failed' && release.failure) {
    const { stage, problem, log } = release.failure;
    throw errorFromProblem(problem, { stage, log, release: release.n });
  }
  if (release.status !== 'retired') return;
  // Retired after it had served: it did what was asked for.
  if (release.servedAt !== null) return;
  const deployment = views.deployments.get(release.deployment);
  if (!deployment || deployment.status === 'removed') {
    throw new PloinkyError(
      'DEPLOYMENT_REMOVED',
      `${release.deployment} was removed before release ${release.n} served.`,
    );
  }
  throw new PloinkyError('SUPERSEDED', `Release ${release.n} of ${release.deployment} gave way to a newer one.`, {
    details: { release: release.n, newest: deployment.latest },
  });
}
