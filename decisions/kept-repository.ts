import type { Deployment, DeploymentConfig } from '../projections/deployments.ts';
import type { Views } from '../projections/views.ts';
import { usedRepository } from './watched-branch.ts';

/**
 * A redeploy of the same agent keeps its repository unless another one is named, also where others have an agent of that name by now.
 * One that is disabled or gone is not kept: working trees sent by dev live in disabled ones, and are never meant by the name of an
 * agent alone.
 */
export function withKeptRepository(
  views: Pick<Views, 'releases' | 'repositories'>,
  known: Deployment | null,
  config: DeploymentConfig,
): DeploymentConfig {
  if (config.repository !== null || known === null) return config;
  // A mistyped agent that is still looked for is not what is deployed.
  const wishes = [known.config, ...known.underWay.map((one) => one.config).reverse(), known.found?.config];
  const before = wishes.find((one) => one?.agent === config.agent);
  if (!before) return config;
  const used = usedRepository(views, { ...known, config: before });
  return used?.enabled ? { ...config, repository: used.name } : config;
}
