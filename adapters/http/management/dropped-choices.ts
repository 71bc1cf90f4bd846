import type { DeploymentConfig } from '../../../projections/deployments.ts';

/** Of these a deploy follows one. */
const sources = ['branch', 'tag', 'commit'] as const;
const isSource = (name: string) => (sources as readonly string[]).includes(name);

/**
 * What was chosen before and is not chosen now, for people: `branch next`, `environment GREETING`. A deploy says
 * everything anew, which is easily forgotten. A branch, tag or commit that another one of them replaces is not forgotten.
 * Values of the environment are left out.
 */
export function droppedChoices(before: DeploymentConfig, now: DeploymentConfig): string[] {
  const names = ['repository', 'branch', 'tag', 'commit', 'image', 'transport'] as const;
  const replaced = sources.some((name) => now[name] !== null);
  const gone = names.filter((name) => {
    return before[name] !== null && now[name] === null && !(replaced && isSource(name));
  });
  // Another agent is looked for anew: nobody may ever have named the repository of the one before.
  const told = gone.filter((name) => name !== 'repository' || before.agent === now.agent);
  const texts = told.map((name) => `${name} ${before[name]}`);
  const command = before.command !== null && now.command === null ? ['command'] : [];
  const unset = Object.keys(before.environment).filter((name) => !Object.hasOwn(now.environment, name));
  return [...texts, ...command, ...(unset.length === 0 ? [] : [`environment ${unset.join(', ')}`])];
}
