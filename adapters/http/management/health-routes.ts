import { Type } from 'typebox';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { agentCounts } from './deployment-view.ts';
import { known } from './known.ts';
import { Fork, Nullable, operation, Stopped, Text, Workers } from './schemas.ts';

const PublicHealth = Type.Object({
  status: Type.String({ description: 'ok when requests are served, degraded when only some are, else the phase' }),
  phase: Type.String({ description: 'uninitialized, starting, ready or stopping' }),
  version: Type.String(),
  fork: Type.Boolean({ description: 'the log is a copy of another one: questions are answered, nothing is done' }),
});

export function healthRoutes(app: App, { cloud, meters, workforce }: Surroundings): void {
  const quality = () => (cloud.stopped().length > 0 ? 'degraded' : 'ok');

  app.get(
    '/health',
    {
      config: { open: true },
      schema: operation('health', 'Is the server up? 503 while it starts or stops.', {
        200: PublicHealth,
        503: PublicHealth,
      }),
    },
    async (_request, reply) => {
      const phase = cloud.phase();
      const up = phase === 'ready' || phase === 'uninitialized';
      return reply
        .code(up ? 200 : 503)
        .send({ status: up ? quality() : phase, phase, version: cloud.version, fork: cloud.fork() !== null });
    },
  );

  app.get(
    '/management/api/health',
    {
      schema: operation('health', 'Server, log, engines and deployments.', {
        200: Type.Object({
          status: Type.String(),
          phase: Type.String(),
          server: Type.Literal(true),
          database: Type.Boolean({ description: 'the log is open' }),
          agents: Nullable(Type.Integer({ description: 'deployments whose agent answers; null when nobody can tell' })),
          down: Nullable(
            Type.Integer({ description: 'deployments that should serve and whose agent does not answer' }),
          ),
          deployments: Nullable(Type.Integer()),
          engines: Type.Array(Type.Object({ name: Type.String(), connected: Type.Boolean(), version: Type.Unknown() })),
          workers: Workers,
          stopped: Stopped,
          version: Type.String(),
          fork: Fork,
        }),
      }),
    },
    async () => {
      const views = cloud.views();
      const counts = known(() => agentCounts(views));
      const engines = known(() => [...views.engines.values()]) ?? [];
      const phase = cloud.phase();
      return {
        status: phase === 'ready' ? quality() : phase,
        phase,
        server: true as const,
        database: true,
        agents: counts?.up ?? null,
        down: counts?.down.length ?? null,
        deployments: counts?.all ?? null,
        workers: [...workforce.list()],
        stopped: [...cloud.stopped()],
        engines: engines.map(({ name, connected, version }) => ({ name, connected, version })),
        version: cloud.version,
        fork: cloud.fork(),
      };
    },
  );

  app.get(
    '/metrics',
    { schema: operation('health', 'Figures for Prometheus.', { 200: Text('text/plain') }) },
    async (_request, reply) => {
      reply.type(meters.contentType);
      return meters.exposition();
    },
  );
}
