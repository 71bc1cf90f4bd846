import type { EventType } from '../../core/events/catalogue.ts';
import type { Phrases } from './phrases.ts';

type DeploymentEvent = Extract<EventType, `deployment.${string}` | `release.${string}`>;

export const deploymentPhrases: Phrases<DeploymentEvent> = {
  'deployment.requested': ({ domain, path, release, trigger, config, engine, pinned, reason }) => {
    const why = reason == null ? '' : `: ${reason}`;
    if (pinned)
      return `${domain}${path}#${release}: ${trigger} to #${pinned.release}, ${config.agent} on ${engine}${why}`;
    const ref = config.commit ?? (config.tag == null ? config.branch : `tag ${config.tag}`);
    const from = [config.repository, ref].filter((part) => part !== null).join(' ');
    const where = from === '' ? '' : ` from ${from}`;
    return `${domain}${path}#${release}: ${trigger} ${config.agent}${where} on ${engine}${why}`;
  },
  'deployment.routed': ({ release, previous }, subject) =>
    `${subject}#${release} serves${previous === null ? '' : `, in place of #${previous}`}`,
  'deployment.scaled': ({ replicas, previous }, subject) =>
    `${subject} is to run in ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}, not ${previous}`,
  'deployment.watchChanged': ({ watch, reason }, subject) => {
    const why = reason === undefined ? '' : `, as before: ${reason}`;
    return watch ? `${subject} follows the pushes to its branch${why}` : `${subject} follows no pushes any more${why}`;
  },
  'deployment.rolledBack': ({ release, target, reason, outcome }, subject) => {
    const what = outcome === 'noop' ? `serves already what #${target} was` : `takes up #${target} again`;
    return `${subject}#${release} ${what}${reason === null ? '' : `: ${reason}`}`;
  },
  'deployment.rollbackFailed': ({ release, target, stage, problem }, subject) =>
    `${subject}#${release}, which was to be #${target} again, failed at ${stage}: ${problem.code}`,
  'deployment.removed': ({ reason }, subject) => `${subject} is served no more${reason === null ? '' : `: ${reason}`}`,
  'release.sourceResolved': ({ repository, branch, commit, subject: message, secrets = {} }, subject) => {
    const needed = Object.entries(secrets).map(([name, version]) => `${name} version ${version}`);
    const given = needed.length === 0 ? '' : `, given ${needed.join(', ')}`;
    return `${subject}: ${repository}${branch === null ? '' : ` ${branch}`} at ${commit.slice(0, 8)} "${message}"${given}`;
  },
  'release.imageResolved': ({ reference, digest, imageId }, subject) =>
    reference === null
      ? `${subject}: needs no image`
      : `${subject}: ${reference} = ${(digest ?? imageId ?? 'unknown').slice(0, 19)}`,
  'release.installed': ({ durationMs, cache }, subject) =>
    `${subject}: installed in ${durationMs} ms${cache?.hit ? ' from the cache' : ''}`,
  'release.failed': ({ stage, problem }, subject) => `${subject}: ${stage} failed: ${problem.code}: ${problem.message}`,
  'release.retired': ({ reason }, subject) => `${subject} is retired: ${reason}`,
  'release.cleaned': (_data, subject) => `${subject}: its checkout was removed`,
};
