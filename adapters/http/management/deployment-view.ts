import { Type } from 'typebox';
import type { ProblemShape } from '../../../core/errors/ploinky-error.ts';
import { releaseId } from '../../../core/names/names.ts';
import { type Condition, conditionOf, jointCondition } from '../../../decisions/condition-of.ts';
import { restartPolicyOf } from '../../../decisions/restart-policy.ts';
import { type Replica, replicasOf } from '../../../decisions/scaling.ts';
import { needsImage } from '../../../decisions/serves-files.ts';
import { shownRelease } from '../../../decisions/shown-release.ts';
import { servingAmong } from '../../../decisions/wanted-containers.ts';
import { watchedBranch } from '../../../decisions/watched-branch.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import type { Release } from '../../../projections/releases.ts';
import type { Views } from '../../../projections/views.ts';
import { isolationOf } from '../../engine/isolation.ts';
import { Nullable } from './schemas.ts';

export const Isolation = Type.Union([Type.Literal('container'), Type.Literal('none')], {
  description: 'none: a plain process of the server’s user, without limits',
});

export const ConditionAnswer = Type.Object({
  state: Type.String({ description: 'up, starting, unhealthy or down' }),
  reason: Nullable(Type.String()),
  retryInMs: Nullable(Type.Integer({ description: 'until it is started or asked again' })),
  crashLoop: Type.Boolean({ description: 'it ended three times in a row or more' }),
  output: Nullable(Type.String({ description: 'its last lines before it ended, while it is not up' })),
});

export const DeploymentAnswer = Type.Object(
  {
    domain: Type.String(),
    path: Type.String(),
    agent: Type.String(),
    name: Type.String({ description: '`<domain>_<path>` with underscores, for example localhost__demo' }),
    status: Type.String({ description: 'requested, active or failed' }),
    repository: Nullable(Type.String()),
    branch: Nullable(Type.String()),
    tag: Nullable(Type.String({ description: 'that the release was made from' })),
    commit: Nullable(Type.String({ description: 'of `release`' })),
    image: Nullable(Type.String()),
    release: Type.Integer({ description: 'the one that serves, else the newest that is being made, else the newest' }),
    engine: Nullable(Type.String()),
    isolation: Nullable(Isolation),
    container: Nullable(Type.String()),
    serves: Nullable(
      Type.Union([Type.Literal('calls'), Type.Literal('requests'), Type.Literal('files')], {
        description:
          'calls of an agent, requests of a web service, files of a static site; null until its manifest is known',
      }),
    ),
    condition: Nullable(ConditionAnswer, {
      description: 'of what should serve: up as long as one replica is; null when no release serves',
    }),
    replicas: Type.Integer({ description: 'how many containers should serve' }),
    healthy: Type.Integer({ description: 'how many serve and answer' }),
    warm: Type.Integer({ description: 'how many more answer, and step in when one of those does not' }),
    containers: Type.Array(
      Type.Object({
        name: Type.String(),
        replica: Type.Integer(),
        warm: Type.Boolean({ description: 'it answers and gets nothing: enough others serve' }),
        condition: ConditionAnswer,
      }),
      { description: 'one for each replica and each that is kept warm; empty where files are served and nothing runs' },
    ),
    watch: Nullable(
      Type.Object({
        repository: Nullable(Type.String()),
        branch: Nullable(Type.String({ description: 'null = the default branch' })),
        rests: Nullable(Type.String(), { description: 'why pushes do nothing for now; null where they do' }),
      }),
      { description: 'whose pushes make new releases; null where none do' },
    ),
    pin: Nullable(
      Type.Object({
        release: Type.Integer(),
        target: Type.Integer(),
        since: Type.String({ description: 'ISO 8601' }),
        seq: Type.Integer({ description: 'of the event that pinned' }),
      }),
      {
        description:
          'the rollback after which pushes do nothing until the next deploy, and the release it went back to',
      },
    ),
    dev: Nullable(
      Type.Object({
        machine: Type.String(),
        folder: Type.String({ description: 'real path on that machine' }),
        replaced: Nullable(Type.Integer({ description: 'release that served before dev took the path over' })),
      }),
      { description: 'the working tree that is deployed; null where it comes from elsewhere' },
    ),
    failedRelease: Nullable(Type.Integer(), { description: 'the newest release, when it failed; `problem` is its' }),
    enabled: Type.Literal(true),
    createdAt: Type.String(),
    updatedAt: Type.String(),
    problem: Nullable(Type.Object({ code: Type.String(), message: Type.String(), hint: Nullable(Type.String()) })),
  },
  { description: 'What is deployed at a domain and path.' },
);

type ServingViews = Pick<Views, 'cloud' | 'releases' | 'containers' | 'repositories'>;

/** A deployment as clients see it, put together from its release and container. `now` in ms since 1970. */
export function deploymentAnswer(views: ServingViews, deployment: Deployment, now: number) {
  const n = shownRelease(deployment);
  const release = views.releases.get(releaseId(deployment.id, n));
  const newest = views.releases.get(releaseId(deployment.id, deployment.latest));
  const replicas = release ? replicasOf(views, deployment, release) : [];
  const conditionIn = conditionUnder(release);
  const answering = replicas.filter(({ container }) => container?.status === 'healthy');
  const serving = servingAmong(answering, deployment);
  const { config } = deployment;
  return {
    domain: deployment.domain,
    path: deployment.path,
    agent: config.agent,
    name: `${deployment.domain}_${deployment.path.replaceAll('/', '_')}`,
    status: deployment.status,
    repository: release?.source?.repository ?? config.repository,
    branch: release?.source ? release.source.branch : config.branch,
    tag: (release?.config ?? config).tag,
    commit: release?.source?.commit ?? null,
    image: release?.image?.reference ?? config.image,
    release: n,
    engine: release?.engine ?? null,
    isolation: release && needsImage(release) ? isolationOf(release.engine) : null,
    container: replicas.find(({ container }) => container)?.name ?? null,
    serves: release?.source ? servedBy(release.source.manifest) : null,
    condition: deployment.routed === null ? null : conditionAnswer(jointCondition(replicas.map(conditionIn)), now),
    replicas: deployment.replicas,
    healthy: serving.length,
    warm: answering.length - serving.length,
    containers: replicas.filter(isNamed(release)).map((one) => {
      const warm = answering.includes(one) && !serving.includes(one);
      return { name: one.name, replica: one.replica, warm, condition: conditionAnswer(conditionIn(one), now) };
    }),
    watch: watchAnswer(views, deployment),
    pin: deployment.pin,
    dev: deployment.dev,
    failedRelease: newest?.failure ? newest.n : null,
    enabled: true as const,
    createdAt: deployment.createdAt,
    updatedAt: deployment.updatedAt,
    problem: problemOfDeployment(newest, replicas),
  };
}

export function watchAnswer(views: Pick<Views, 'releases' | 'repositories'>, deployment: Deployment) {
  const watched = watchedBranch(views, deployment);
  if (!watched) return null;
  if (watched.kind === 'rests') return { repository: null, branch: null, rests: watched.why };
  return { repository: watched.repository.name, branch: watched.branch, rests: null };
}

function servedBy({ web, static: site }: NonNullable<Release['source']>['manifest']) {
  if (site) return 'files' as const;
  return web ? ('requests' as const) : ('calls' as const);
}

/** Of a release that failed nothing is on its way: a container that is gone would be told as starting for ever. */
function isNamed(release: Release | undefined): (replica: Replica) => boolean {
  return ({ container }) => container !== undefined || !release?.failure;
}

/** What its manifest says of restarts decides what follows. */
function conditionUnder(release: Release | undefined): (replica: Replica) => Condition {
  const policy = restartPolicyOf(release);
  return ({ container }) => conditionOf(container, policy);
}

export function conditionAnswer({ state, reason, retryAt, crashLoop, output }: Condition, now: number) {
  const retryInMs = retryAt === null ? null : Math.max(0, Math.round(retryAt - now));
  return { state, reason, retryInMs, crashLoop, output };
}

/** A failed newest release first: it is what the operator asked for last. */
function problemOfDeployment(newest: Release | undefined, replicas: readonly Replica[]): ProblemShape | null {
  const troubled = replicas.find(({ container }) => container?.problem);
  return newest?.failure?.problem ?? troubled?.container?.problem ?? null;
}

/** Not the removed ones, which only the log shows. In the order of domain and path. */
export function livingDeployments(views: Pick<Views, 'deployments'>): Deployment[] {
  return [...views.deployments.values()]
    .filter((deployment) => deployment.status !== 'removed')
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** How many there are, how many agents answer, and which should and do not. */
export function agentCounts(views: ServingViews & Pick<Views, 'deployments'>) {
  const all = livingDeployments(views);
  const serving = all.filter(({ status, routed }) => status === 'active' && routed !== null);
  const down = serving.flatMap((deployment) => {
    const release =
      deployment.routed === null ? undefined : views.releases.get(releaseId(deployment.id, deployment.routed));
    const replicas = release ? replicasOf(views, deployment, release) : [];
    const { state, reason } = jointCondition(replicas.map(conditionUnder(release)));
    return state === 'up' ? [] : { deployment: deployment.id, state, reason };
  });
  return { all: all.length, up: serving.length - down.length, down };
}

/** Engines that do not answer and that something which is deployed runs on, in the order of their names. */
export function enginesAway(views: Pick<Views, 'deployments' | 'releases' | 'engines'>) {
  const needed = new Set(
    livingDeployments(views).flatMap((deployment) => {
      return views.releases.get(releaseId(deployment.id, shownRelease(deployment)))?.engine ?? [];
    }),
  );
  return [...views.engines.values()]
    .filter(({ name, connected }) => !connected && needed.has(name))
    .map(({ name, since, problem }) => ({ engine: name, since, message: problem?.message ?? null }))
    .sort((a, b) => (a.engine < b.engine ? -1 : 1));
}
