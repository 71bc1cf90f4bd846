import { sameJson } from '../core/json/same-json.ts';
import { deploymentId } from '../core/names/names.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { supersede } from './decide-deployments.ts';
import { refused } from './refuse.ts';
import { newestVersion } from './release-secrets.ts';
import { releaseOf } from './rollback-target.ts';

type Rollback = CommandOf<'rollback'>;
type Refusal = ReturnType<typeof refused>;
type Pinned = NonNullable<Release['pinned']>;

/** A release that served, so that all of it is known. */
type Served = Release & { source: NonNullable<Release['source']>; image: NonNullable<Release['image']> };

/**
 * Begins a new release that runs what an earlier one ran. What serves goes on serving until the new one is healthy.
 * A deployment that was removed may come back this way as well.
 */
export function rollback(views: Views, command: Rollback): Decision {
  const { domain, path, reason } = command;
  const id = deploymentId(domain, path);
  const known = views.deployments.get(id);
  if (!known) return refused('DEPLOYMENT_NOT_FOUND', `Nothing was ever deployed at ${id}.`);
  const refusal =
    changedSince(known, command) ?? domainGone(views, domain) ?? neverServed(views, known, command.target);
  if (refusal) return refusal;
  const target = releaseOf(views, id, command.target) as Served;
  const needed = secretVersions(views, target, command.secrets);
  if (needed.kind === 'refused') return needed;
  const { versions } = needed;
  const pinned = pinnedTo(target, command.url, versions);
  const release = known.latest + 1;
  const stream = `deployment:${id}`;
  const serving = known.routed === null ? undefined : releaseOf(views, id, known.routed);
  if (serving && runsTheSame(serving, target, versions)) {
    const data = { release: serving.n, target: target.n, reason, outcome: 'noop', config: target.config } as const;
    return accepted(...supersede(known, `a rollback to release ${target.n}, which serves`), {
      type: 'deployment.rolledBack',
      stream,
      data,
    });
  }
  const { config, engine } = target;
  // Its source is known: it served.
  return accepted(...supersede(known, `release ${release}`), {
    type: 'deployment.requested',
    stream,
    data: { domain, path, release, trigger: 'rollback', config, engine, pinned, reason },
  });
}

function changedSince(known: Deployment, { expectSeq }: Rollback): Decision | null {
  if (expectSeq === null || known.changedAt <= expectSeq) return null;
  const message = `${known.id} changed after event ${expectSeq}: its last change is event ${known.changedAt}.`;
  return refused('CHANGED_SINCE', message);
}

function domainGone(views: Views, domain: string): Decision | null {
  if (views.domains.has(domain)) return null;
  const hint = `Add it again with \`p-cli cloud host add ${domain}\`, then roll back.`;
  return refused('DOMAIN_NOT_FOUND', `The domain ${domain} was removed.`, hint);
}

function neverServed(views: Views, known: Deployment, n: number): Decision | null {
  const target = releaseOf(views, known.id, n);
  if (!target) {
    return refused('RELEASE_NOT_FOUND', `${known.id} has no release ${n}; its newest is ${known.latest}.`);
  }
  if (target.servedAt !== null && target.source && target.image) return null;
  const why =
    target.status === 'failed'
      ? `failed at ${target.failure?.stage ?? 'an unknown stage'}`
      : target.status === 'retired'
        ? 'was given up before it served'
        : 'is still being made';
  return refused('RELEASE_NEVER_SERVED', `Release ${n} of ${known.id} ${why}.`);
}

/** Those that the target needs, of then or of now. Whatever was destroyed is named before anything starts. */
function secretVersions(
  views: Views,
  target: Served,
  which: 'then' | 'now',
): { readonly kind: 'known'; readonly versions: Pinned['secrets'] } | Refusal {
  const needed = Object.entries(target.source.secrets);
  const newest = (name: string) => newestVersion(views, name);
  const gone = needed.filter(([name, version]) => {
    const living = views.secrets.get(name)?.versions ?? [];
    return which === 'then' ? !living.includes(version) : newest(name) === undefined;
  });
  if (gone.length === 0) {
    const versions = needed.map(([name, version]) => [name, which === 'now' ? (newest(name) ?? version) : version]);
    return { kind: 'known', versions: Object.fromEntries(versions) };
  }
  const names = gone.map(([name, version]) => (which === 'then' ? `${name} version ${version}` : name)).join(', ');
  const noValue = gone.map(([name]) => name).filter((name) => newest(name) === undefined);
  const set = noValue.map((name) => `\`p-cli cloud secret set ${name}\``).join(' and ');
  const hint =
    noValue.length > 0
      ? `The value cannot be brought back. Give a new one with ${set}, then roll back with --secrets now.`
      : 'Roll back with --secrets now to take the version of today.';
  const message = `Release ${target.n} of ${target.deployment} needs a secret that was destroyed: ${names}.`;
  return refused('SECRET_DESTROYED', message, hint);
}

function pinnedTo(target: Served, url: string, secrets: Pinned['secrets']): Pinned {
  const { repository, branch, commit } = target.source;
  const { reference, imageId, digest } = target.image;
  return { release: target.n, repository, url, branch, commit, image: { reference, imageId, digest }, secrets };
}

/** Commit, image, configuration, secrets and engine are what makes a release; nothing else of it reaches a container. */
function runsTheSame(serving: Release, target: Served, secrets: Pinned['secrets']): boolean {
  if (!serving.source || !serving.image) return false;
  return (
    serving.engine === target.engine &&
    serving.source.commit === target.source.commit &&
    serving.image.imageId === target.image.imageId &&
    serving.image.digest === target.image.digest &&
    sameJson(serving.source.secrets, secrets) &&
    sameJson(serving.config, target.config)
  );
}
