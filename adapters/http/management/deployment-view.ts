import { Type } from 'typebox';
import type { ProblemShape } from '../../../core/errors/ploinky-error.ts';
import type { Container } from '../../../projections/containers.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import type { Release } from '../../../projections/releases.ts';
import type { Views } from '../../../projections/views.ts';
import { Nullable } from './schemas.ts';

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
    container: Nullable(Type.String()),
    enabled: Type.Literal(true),
    createdAt: Type.String(),
    updatedAt: Type.String(),
    problem: Nullable(Type.Object({ code: Type.String(), message: Type.String(), hint: Nullable(Type.String()) })),
  },
  { description: 'What is deployed at a domain and path.' },
);

/** A deployment as clients see it, put together from its release and container. */
export function deploymentAnswer(views: Pick<Views, 'releases' | 'containers'>, deployment: Deployment) {
  const n = deployment.routed ?? deployment.latest;
  const release = views.releases.get(`${deployment.id}#${n}`);
  const newest = views.releases.get(`${deployment.id}#${deployment.latest}`);
  const container = [...views.containers.values()].find((c) => c.deployment === deployment.id && c.release === n);
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
    container: container?.name ?? null,
    enabled: true as const,
    createdAt: deployment.createdAt,
    updatedAt: deployment.updatedAt,
    problem: problemOfDeployment(newest, container),
  };
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
