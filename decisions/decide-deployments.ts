import type { PloinkyDraft } from '../core/events/catalogue.ts';
import { releaseId } from '../core/names/names.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { replicasRefused, scaled } from './decide-scale.ts';
import { follows, watchChanged, watchRefused } from './decide-watch.ts';
import { withKeptRepository } from './kept-repository.ts';
import { livingReleases } from './living-releases.ts';
import { refused } from './refuse.ts';
import { freezeSecrets } from './release-secrets.ts';

/**
 * Begins the next release. What can be known at once is refused at once; whether agent, commit and image exist is
 * found out by the pipeline, and its answer is an event. Only then does a release that is being made give way: `sourceFound`.
 */
export function deploy(views: Views, command: CommandOf<'deploy'>): Decision {
  const { domain, path, engine, replicas, noCache, dev } = command;
  if (!views.domains.has(domain)) {
    return refused(
      'DOMAIN_NOT_FOUND',
      `The domain ${domain} is not known.`,
      `Add it with \`p-cli cloud host add ${domain}\`.`,
    );
  }
  const id = `${domain}${path}`;
  const known = views.deployments.get(id);
  const living = known && known.status !== 'removed' ? known : null;
  const config = withKeptRepository(views, living, command.config);
  if (config.repository !== null && !views.repositories.has(config.repository)) {
    return refused('REPOSITORY_NOT_FOUND', `There is no repository named ${config.repository}.`);
  }
  const secrets = freezeSecrets(views, config.environment, `The environment of ${domain}${path}`);
  if (secrets.kind === 'refused') return secrets;
  const tooMany = replicas === undefined ? null : replicasRefused(replicas, domain, path);
  if (tooMany) return tooMany;
  const notWatched = command.watch === true ? watchRefused(`${domain}${path}`, config) : null;
  if (notWatched) return notWatched;
  const release = (known?.latest ?? 0) + 1;
  const previous = living?.replicas ?? 1;
  const watched = living?.watch != null;
  // What a tag or commit names never moves.
  const watches = follows(config) && (command.watch ?? watched);
  return accepted(
    {
      type: 'deployment.requested',
      stream: `deployment:${id}`,
      data: {
        domain,
        path,
        release,
        trigger: living ? 'redeploy' : 'deploy',
        config,
        engine,
        pinned: null,
        reason: null,
        ...(noCache ? { noCache } : {}),
        ...(dev ? { dev: { ...dev, replaced: replacedBy(dev, living) } } : {}),
      },
    },
    ...scaled(id, previous, replicas ?? previous),
    ...watchChanged(id, watched, watches, release),
  );
}

/** What served before a working tree took the path over; of a later change of the same folder, what did before its first one. */
function replacedBy(
  { machine, folder }: { machine: string; folder: string },
  living: Deployment | null,
): number | null {
  const before = living?.dev;
  if (before && before.machine === machine && before.folder === folder) return before.replaced;
  return living?.routed ?? null;
}

export function undeploy(views: Views, { domain, path, reason }: CommandOf<'undeploy'>): Decision {
  const known = views.deployments.get(`${domain}${path}`);
  if (!known || known.status === 'removed') {
    return refused('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${domain}${path}.`);
  }
  return accepted(
    { type: 'deployment.removed', stream: `deployment:${known.id}`, data: { reason } },
    ...livingReleases(known).map((n) => retired(known.id, n, 'the deployment was removed')),
  );
}

export function retired(deployment: string, n: number, reason: string): PloinkyDraft {
  return { type: 'release.retired', stream: `release:${releaseId(deployment, n)}`, data: { reason } };
}

/**
 * Releases that are still being made give way to whatever was asked for after them; the one that serves goes on serving until
 * the new one is routed.
 */
export function supersede(
  known: Deployment | undefined,
  by: string,
  olderThan = Number.POSITIVE_INFINITY,
): PloinkyDraft[] {
  if (!known || known.status === 'removed') return [];
  return known.underWay
    .filter(({ release }) => release < olderThan)
    .map(({ release }) => retired(known.id, release, `superseded by ${by}`));
}

type SourceResolved = Extract<PloinkyDraft, { type: 'release.sourceResolved' }>;

/** A mistyped branch or agent ends nothing: what is being made gives way once there is something to make instead. */
export function sourceFound(views: Pick<Views, 'deployments' | 'releases'>, found: SourceResolved): PloinkyDraft[] {
  const release = views.releases.get(found.stream.slice('release:'.length));
  if (!release) return [found];
  const { deployment, n } = release;
  return [found, ...supersede(views.deployments.get(deployment), `release ${n}`, n)];
}
