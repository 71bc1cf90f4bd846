import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { SampleRound } from '../../samples/sample.ts';
import type { App } from '../fastify-types.ts';
import { momentOf } from '../history/event-filter.ts';
import type { Surroundings } from '../surroundings.ts';
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
                time: Type.String({ description: 'of the look' }),
                ...Figures,
              }),
              { description: 'the newest look at each that runs' },
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
      const containers = current.filter((sample) => deployment === undefined || sample.deployment === deployment);
      const answer = { everyMs, containers: containers.map((sample) => ({ ...sample })) };
      if (since === undefined) return { ...answer, stepMs: null, series: [] };
      const until = now();
      const begin = Math.min(momentOf(since, until), until);
      const stepMs = Math.max(everyMs, Math.ceil((until - begin) / points));
      return { ...answer, stepMs, series: seriesOf(await cloud.samples(begin, until, stepMs, deployment)) };
    },
  );
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
