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
  if (config.repository !== null || known?.config.agent !== config.agent) return config;
  const used = usedRepository(views, known);
  return used?.enabled ? { ...config, repository: used.name } : config;
}
