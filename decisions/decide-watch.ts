import type { PloinkyDraft } from '../core/events/catalogue.ts';
import type { Deployment, DeploymentConfig } from '../projections/deployments.ts';
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

/** What to type to watch something. */
export function branchInstead(deployment: string, { agent }: Pick<DeploymentConfig, 'agent'>): string {
  const slash = deployment.indexOf('/');
  const place = `${deployment.slice(0, slash)} ${deployment.slice(slash)}`;
  return `Deploy a branch: \`p-cli cloud deploy ${place} ${agent} --branch <name> --watch\`.`;
}

/** Null where there is a branch to watch. */
export function watchRefused(deployment: string, config: DeploymentConfig): Refusal | null {
  if (follows(config)) return null;
  const what = config.commit === null ? `the tag ${config.tag}` : `the commit ${config.commit.slice(0, 8)}`;
  return refused(
    'WATCH_IMPOSSIBLE',
    `${deployment} takes ${what}, which no push moves.`,
    branchInstead(deployment, config),
  );
}

/**
 * Nothing where that changes nothing.
 * @param cameWith number of the release that is deployed with this wish; where it fails, the wish goes with it
 */
export function watchChanged(deployment: string, before: boolean, watch: boolean, cameWith?: number): PloinkyDraft[] {
  if (before === watch) return [];
  const data = { watch, ...(cameWith === undefined ? {} : { cameWith }) };
  return [{ type: 'deployment.watchChanged', stream: `deployment:${deployment}`, data }];
}

/**
 * Where a release fails, and it or one that it superseded came with another wish: that of the newest one which is still being
 * made, else what was wished before all of them.
 */
export function watchAsBefore({ id, watch, unproven, underWay }: Deployment, failed: number): PloinkyDraft[] {
  const left = underWay.filter(({ release }) => release !== failed);
  const wish = left.at(-1) ?? unproven;
  if (left.length === underWay.length || wish === null || wish.watch === (watch !== null)) return [];
  const data = { watch: wish.watch, cameWith: failed, reason: `release ${failed} failed` };
  return [{ type: 'deployment.watchChanged', stream: `deployment:${id}`, data }];
}
