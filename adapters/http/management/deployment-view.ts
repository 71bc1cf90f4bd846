import { Type } from 'typebox';
import type { ProblemShape } from '../../../core/errors/ploinky-error.ts';
import { type Condition, conditionOf } from '../../../decisions/condition-of.ts';
import { needsImage, servesFiles } from '../../../decisions/serves-files.ts';
import type { Container } from '../../../projections/containers.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import type { Release } from '../../../projections/releases.ts';
import type { Views } from '../../../projections/views.ts';
import { isolationOf } from '../../engine/isolation.ts';
import { Nullable } from './schemas.ts';

export const Isolation = Type.Union([Type.Literal('container'), Type.Literal('none')], {
  description: 'none: a plain process of the server’s user, without limits',
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
    commit: Nullable(Type.String({ description: 'of the release that serves, else of the newest' })),
    image: Nullable(Type.String()),
    release: Type.Integer({ description: 'the one that serves, else the newest' }),
    engine: Nullable(Type.String()),
    isolation: Nullable(Isolation),
    container: Nullable(Type.String()),
    serves: Nullable(
      Type.Union([Type.Literal('calls'), Type.Literal('requests'), Type.Literal('files')], {
        description:
          'calls of an agent, requests of a web service, files of a static site; null until its manifest is known',
      }),
    ),
    condition: Nullable(
      Type.Object({
        state: Type.String({ description: 'up, starting, unhealthy or down' }),
        reason: Nullable(Type.String()),
        retryInMs: Nullable(Type.Integer({ description: 'until it is started or asked again' })),
      }),
      { description: 'of the container that should serve; null when no release serves' },
    ),
    failedRelease: Nullable(Type.Integer(), { description: 'the newest release, when it failed; `problem` is its' }),
    enabled: Type.Literal(true),
    createdAt: Type.String(),
    updatedAt: Type.String(),
    problem: Nullable(Type.Object({ code: Type.String(), message: Type.String(), hint: Nullable(Type.String()) })),
  },
  { description: 'What is deployed at a domain and path.' },
);

/** A deployment as clients see it, put together from its release and container. `now` in ms since 1970. */
export function deploymentAnswer(views: Pick<Views, 'releases' | 'containers'>, deployment: Deployment, now: number) {
  const n = deployment.routed ?? deployment.latest;
  const release = views.releases.get(`${deployment.id}#${n}`);
  const newest = views.releases.get(`${deployment.id}#${deployment.latest}`);
  const container = containerOf(views, deployment, n);
  const { config } = deployment;
  return {
    domain: deployment.domain,
    path: deployment.path,
    agent: config.agent,
    name: `${deployment.domain}_${deployment.path.replaceAll('/', '_')}`,
    status: deployment.status,
    repository: release?.source?.repository ?? config.repository,
    branch: release?.source?.branch ?? config.branch,
    commit: release?.source?.commit ?? null,
    image: release?.image?.reference ?? config.image,
    release: n,
    engine: release?.engine ?? null,
    isolation: release && needsImage(release) ? isolationOf(release.engine) : null,
    container: container?.name ?? null,
    serves: release?.source ? servedBy(release.source.manifest) : null,
    condition: deployment.routed === null ? null : conditionAnswer(conditionOfRelease(release, container), now),
    failedRelease: newest?.failure ? newest.n : null,
    enabled: true as const,
    createdAt: deployment.createdAt,
    updatedAt: deployment.updatedAt,
    problem: problemOfDeployment(newest, container),
  };
}

function servedBy({ web, static: site }: NonNullable<Release['source']>['manifest']) {
  if (site) return 'files' as const;
  return web ? ('requests' as const) : ('calls' as const);
}

/** Files have nothing that could be down. */
function conditionOfRelease(release: Release | undefined, container: Container | undefined): Condition {
  if (release && servesFiles(release)) return { state: 'up', reason: null, retryAt: null };
  return conditionOf(container);
}

function containerOf({ containers }: Pick<Views, 'containers'>, { id }: Deployment, n: number) {
  return [...containers.values()].find((c) => c.deployment === id && c.release === n);
}

function conditionAnswer({ state, reason, retryAt }: Condition, now: number) {
  return { state, reason, retryInMs: retryAt === null ? null : Math.max(0, Math.round(retryAt - now)) };
}

/** A failed newest release first: it is what the operator asked for last. */
function problemOfDeployment(newest: Release | undefined, container: Container | undefined): ProblemShape | null {
  return newest?.failure?.problem ?? container?.problem ?? null;
}

/** Not the removed ones, which only the log shows. In the order of domain and path. */
export function livingDeployments(views: Pick<Views, 'deployments'>): Deployment[] {
  return [...views.deployments.values()]
    .filter((deployment) => deployment.status !== 'removed')
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** How many there are, how many agents answer, and how many should and do not. */
export function agentCounts(views: Pick<Views, 'deployments' | 'releases' | 'containers'>) {
  const all = livingDeployments(views);
  const serving = all.filter(({ status, routed }) => status === 'active' && routed !== null);
  const up = serving.filter((d) => {
    const n = d.routed ?? 0;
    return conditionOfRelease(views.releases.get(`${d.id}#${n}`), containerOf(views, d, n)).state === 'up';
  }).length;
  return { all: all.length, up, down: serving.length - up };
}
