import { Type } from 'typebox';
import { releaseId } from '../../../core/names/names.ts';
import { crashLoops } from '../../../decisions/crash-loop.ts';
import type { Views } from '../../../projections/views.ts';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { agentCounts, enginesAway, livingDeployments } from './deployment-view.ts';
import { known } from './known.ts';
import { Fork, Nullable, operation, Stopped, Workers } from './schemas.ts';

export function overviewRoutes(app: App, { cloud, denied, services, traffic, workforce, now }: Surroundings): void {
  app.get(
    '/management/api/overview',
    {
      schema: operation('overview', 'Counters at a glance.', {
        200: Type.Object({
          totalRequests: Type.Integer({ description: 'of any kind, since the start' }),
          passedRequests: Type.Integer({ description: 'of them passed on to web services' }),
          activeAgents: Nullable(
            Type.Integer({ description: 'deployments whose agent answers; null when nobody can tell' }),
          ),
          downAgents: Nullable(
            Type.Integer({ description: 'deployments that should serve and whose agent does not answer' }),
          ),
          down: Nullable(
            Type.Array(
              Type.Object({ deployment: Type.String(), state: Type.String(), reason: Nullable(Type.String()) }),
              { description: 'those that downAgents counts; state is starting, unhealthy or down' },
            ),
          ),
          enginesAway: Nullable(
            Type.Array(Type.Object({ engine: Type.String(), since: Type.String(), message: Nullable(Type.String()) }), {
              description: 'engines that do not answer though deployments run on them',
            }),
          ),
          totalDeployments: Nullable(Type.Integer()),
          crashLoops: Nullable(
            Type.Array(Type.Object({ deployment: Type.String(), reason: Type.String() }), {
              description: 'deployments with a container that ended three times in a row or more',
            }),
          ),
          failedReleases: Nullable(
            Type.Array(
              Type.Object({
                deployment: Type.String(),
                release: Type.Integer(),
                serving: Nullable(Type.Integer({ description: 'release that serves on' })),
                code: Type.String(),
                message: Type.String(),
              }),
              { description: 'deployments whose newest release failed' },
            ),
          ),
          pins: Nullable(
            Type.Array(Type.Object({ deployment: Type.String(), target: Type.Integer(), since: Type.String() }), {
              description: 'deployments that a rollback pinned to a release: pushes do nothing until the next deploy',
            }),
          ),
          openNetworks: Nullable(
            Type.Array(Type.String(), {
              description:
                'deployments whose containers reach 169.254.0.0/16, where clouds keep credentials of the machine',
            }),
          ),
          errorRate: Type.String({ description: 'share of answers of 400 and above, for example 1.50%' }),
          unauthorizedRequests: Type.Integer({ description: 'ever, from the log' }),
          uptime: Type.Integer({ description: 'ms' }),
          serverName: Type.String(),
          version: Type.String(),
          headSeq: Type.Integer({ description: 'number of the last event' }),
          workers: Workers,
          fork: Fork,
          stopped: Stopped,
        }),
      }),
    },
    async () => {
      await workforce.counted();
      const views = cloud.views();
      const counts = known(() => agentCounts(views));
      const refused = known(() => views.cloud.get('cloud')?.deniedRequests) ?? 0;
      return {
        totalRequests: traffic.requests,
        passedRequests: services.requests,
        activeAgents: counts?.up ?? null,
        downAgents: counts?.down.length ?? null,
        down: counts?.down ?? null,
        enginesAway: known(() => enginesAway(views)) ?? null,
        totalDeployments: counts?.all ?? null,
        crashLoops: known(() => crashLoops(views)) ?? null,
        failedReleases: known(() => failedReleases(views)) ?? null,
        pins: known(() => pins(views)) ?? null,
        openNetworks: known(() => openNetworks(views)) ?? null,
        errorRate: percent(traffic.errors, traffic.requests),
        unauthorizedRequests: refused + denied.pending,
        uptime: Math.max(0, now() - Date.parse(cloud.startedAt)),
        serverName: cloud.settings().serverName,
        version: cloud.version,
        headSeq: cloud.head().seq,
        workers: [...workforce.list()],
        fork: cloud.fork(),
        stopped: [...cloud.stopped()],
      };
    },
  );
}

/** `0.00%` when there was nothing. */
export function percent(part: number, whole: number): string {
  return `${(whole === 0 ? 0 : (100 * part) / whole).toFixed(2)}%`;
}

/** Deployments whose newest release failed, in the order of domain and path. */
export function failedReleases(views: Pick<Views, 'deployments' | 'releases'>) {
  return livingDeployments(views).flatMap(({ id, latest, routed }) => {
    const failure = views.releases.get(releaseId(id, latest))?.failure;
    if (!failure) return [];
    const { code, message } = failure.problem;
    return [{ deployment: id, release: latest, serving: routed, code, message }];
  });
}

/** Deployments that do not follow pushes since a rollback, in the order of domain and path. */
export function pins(views: Pick<Views, 'deployments'>) {
  return livingDeployments(views).flatMap(({ id, pin }) => {
    return pin ? [{ deployment: id, target: pin.target, since: pin.since }] : [];
  });
}

/** Deployments whose network leaves the way to metadata of the machine open, since nobody here can close it. */
export function openNetworks(views: Pick<Views, 'networks'>): string[] {
  return [...views.networks.values()]
    .filter(({ metadata }) => metadata === 'open')
    .map(({ deployment }) => deployment)
    .sort();
}
