import type { PloinkyDraft } from '../core/events/catalogue.ts';
import type { DeploymentConfig } from '../projections/deployments.ts';
import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { type Refusal, refused } from './refuse.ts';

/** From now on pushes to the branch of a deployment make new releases, or no more. */
export function watch(views: Views, command: CommandOf<'watch'>): Decision {
  const id = `${command.domain}${command.path}`;
  const known = views.deployments.get(id);
  if (!known || known.status === 'removed') {
    return refused('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${id}.`);
  }
  const refusal = command.watch ? watchRefused(id, known.config) : null;
  return refusal ?? accepted(...watchChanged(id, known.watch !== null, command.watch));
}

/** Whether a push could ever change what the configuration names. */
export function follows({ tag, commit }: Pick<DeploymentConfig, 'tag' | 'commit'>): boolean {
  return tag === null && commit === null;
}

/** Null where there is a branch to watch. */
export function watchRefused(deployment: string, config: DeploymentConfig): Refusal | null {
  if (follows(config)) return null;
  const what = config.commit === null ? `the tag ${config.tag}` : `the commit ${config.commit.slice(0, 8)}`;
  return refused('WATCH_IMPOSSIBLE', `${deployment} takes ${what}, which no push moves.`);
}

/** Nothing where that changes nothing. */
export function watchChanged(deployment: string, before: boolean, watch: boolean): PloinkyDraft[] {
  if (before === watch) return [];
  return [{ type: 'deployment.watchChanged', stream: `deployment:${deployment}`, data: { watch } }];
}
