import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { releaseId } from '../../../core/names/names.ts';
import { conditionOf } from '../../../decisions/condition-of.ts';
import { restartPolicyOf } from '../../../decisions/restart-policy.ts';
import { alive } from '../../../projections/containers.ts';
import type { Views } from '../../../projections/views.ts';
import type { SampleRound } from '../../samples/sample.ts';
import type { App } from '../fastify-types.ts';
import { momentOf } from '../history/event-filter.ts';
import type { Surroundings } from '../surroundings.ts';
import { ConditionAnswer, conditionAnswer } from './deployment-view.ts';
import { Nullable, operation } from './schemas.ts';
import { parseDeployment } from './task-routes.ts';

const Figures = {
  cpuPercent: Nullable(Type.Number({ description: 'of one core; 200 = two cores' })),
  memoryBytes: Nullable(Type.Number({ description: 'without page cache' })),
  memoryLimitBytes: Nullable(Type.Number({ description: 'null = none' })),
  networkInBytes: Nullable(Type.Number({ description: 'since the container started' })),
  networkOutBytes: Nullable(Type.Number()),
  blockReadBytes: Nullable(Type.Number({ description: 'since the container started' })),
  blockWriteBytes: Nullable(Type.Number()),
  pids: Nullable(Type.Integer()),
  restarts: Type.Integer({ description: 'how often it was started again' }),
};

const Which = { deployment: Type.String(), release: Type.Integer(), replica: Type.Integer() };

/** What containers use. */
export function sampleRoutes(app: App, { cloud, now }: Surroundings): void {
  app.get(
    '/management/api/samples',
    {
      schema: {
        ...operation('metrics', 'What each container uses: CPU, memory, network, processes.', {
          200: Type.Object({
            everyMs: Type.Integer({ description: 'from one look to the next' }),
            containers: Type.Array(
              Type.Object({
                container: Type.String(),
                ...Which,
                engine: Type.String(),
                status: Type.String(),
                time: Nullable(Type.String({ description: 'of the look; null = runs, and was not looked at yet' })),
                ...Figures,
              }),
              { description: 'the newest look at each that runs' },
            ),
            down: Type.Array(
              Type.Object({
                container: Type.String(),
                ...Which,
                restarts: Type.Integer(),
                condition: ConditionAnswer,
              }),
              { description: 'those that should run and do not now, for example between two attempts of a crash loop' },
            ),
            stepMs: Nullable(Type.Integer({ description: 'length of a slice of the series' })),
            series: Type.Array(
              Type.Object({ ...Which, points: Type.Array(Type.Object({ time: Type.String(), ...Figures })) }),
              { description: 'with since: mean CPU, most memory and processes, and the last of all others, by slices' },
            ),
          }),
        }),
        querystring: Type.Object({
          deployment: Type.Optional(Type.String({ minLength: 1, maxLength: 1200, description: 'default: all' })),
          since: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 time, or a duration such as 1h' })),
          points: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000, default: 60 })),
        }),
      },
    },
    async (request) => {
      const { since, points = 60 } = request.query;
      const deployment = request.query.deployment === undefined ? undefined : parseDeployment(request.query.deployment);
      const place = deployment === undefined ? undefined : cloud.views().deployments.get(deployment);
      // What was removed has a past.
      if (deployment !== undefined && (!place || (place.status === 'removed' && since === undefined))) {
        throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${deployment}.`);
      }
      const everyMs = cloud.settings()['metrics.sampleEveryMs'];
      const current = cloud.currentSamples();
      const asked = (one: { readonly deployment: string }) => deployment === undefined || one.deployment === deployment;
      const down = downContainers(cloud.views(), now()).filter(asked);
      // One that ended since the last look uses nothing any more.
      const ended = new Set(down.map(({ container }) => container));
      const containers = current.filter((sample) => asked(sample) && !ended.has(sample.container));
      const seen = new Set(current.map(({ container }) => container));
      const unseen = unseenContainers(cloud.views(), seen).filter(asked);
      const answer = { everyMs, containers: [...containers.map((sample) => ({ ...sample })), ...unseen], down };
      if (since === undefined) return { ...answer, stepMs: null, series: [] };
      const until = now();
      const begin = Math.min(momentOf(since, until), until);
      const stepMs = Math.max(everyMs, Math.ceil((until - begin) / points));
      return { ...answer, stepMs, series: seriesOf(await cloud.samples(begin, until, stepMs, deployment)) };
    },
  );
}

/** Those that are started again, or stay down until the next deploy. */
function downContainers({ containers, releases }: Pick<Views, 'containers' | 'releases'>, now: number) {
  return [...containers.values()]
    .filter(({ status, attempt }) => status === 'exited' || (status === 'startRequested' && attempt > 1))
    .map((container) => {
      const { name, deployment, release, replica, attempt } = container;
      const policy = restartPolicyOf(releases.get(releaseId(deployment, release)));
      const condition = conditionAnswer(conditionOf(container, policy), now);
      return { container: name, deployment, release, replica, restarts: Math.max(0, attempt - 1), condition };
    });
}

/** Those that started since the last look: they run, and a list without them would deny it. */
function unseenContainers({ containers }: Pick<Views, 'containers'>, seen: ReadonlySet<string>) {
  return [...containers.values()]
    .filter(({ name, status }) => alive.includes(status) && !seen.has(name))
    .map(({ name, deployment, release, replica, engine, status, attempt }) => ({
      ...{ container: name, deployment, release, replica, engine, status, time: null },
      ...{ cpuPercent: null, memoryBytes: null, memoryLimitBytes: null, networkInBytes: null, networkOutBytes: null },
      ...{ blockReadBytes: null, blockWriteBytes: null, pids: null, restarts: Math.max(0, attempt - 1) },
    }));
}

function seriesOf(rounds: readonly SampleRound[]) {
  type Series = { deployment: string; release: number; replica: number; points: object[] };
  const series = new Map<string, Series>();
  for (const { at, samples } of rounds) {
    const time = new Date(at).toISOString();
    for (const { deployment, release, replica, ...figures } of samples) {
      const key = `${deployment}#${release}.${replica}`;
      const known = series.get(key) ?? { deployment, release, replica, points: [] };
      known.points.push({ time, ...figures });
      series.set(key, known);
    }
  }
  return [...series.values()] as { deployment: string; release: number; replica: number; points: never[] }[];
}
