import type { DeploymentConfig } from '../../../projections/deployments.ts';

/**
 * What was chosen before and is not chosen now, for people: `branch next`, `environment GREETING`. A deploy says
 * everything anew, which is easily forgotten. Values of the environment are left out.
 */
export function droppedChoices(before: DeploymentConfig, now: DeploymentConfig): string[] {
  const texts = (['repository', 'branch', 'tag', 'commit', 'image', 'transport'] as const).flatMap((name) =>
    before[name] !== null && now[name] === null ? [`${name} ${before[name]}`] : [],
  );
  const command = before.command !== null && now.command === null ? ['command'] : [];
  const gone = Object.keys(before.environment).filter((name) => !Object.hasOwn(now.environment, name));
  return [...texts, ...command, ...(gone.length === 0 ? [] : [`environment ${gone.join(', ')}`])];
}
