import { Type } from 'typebox';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { callsByDay, callsSince } from '../traffic/call-counts.ts';
import { MetricsAnswer, type Range, ranges, serviceFigures, summarize } from '../traffic/metrics-answer.ts';
import { operation } from './schemas.ts';

export function metricsRoutes(app: App, { cloud, denied, traffic, services, workforce, now }: Surroundings): void {
  app.get(
    '/management/api/metrics',
    {
      schema: {
        ...operation('metrics', 'Agent calls of the last hour, day, week or month.', { 200: MetricsAnswer }),
        description: 'An hour and a day are exact; a week and a month are whole UTC days, within metricsRetention.',
        querystring: Type.Object({
          range: Type.Optional(
            Type.Union([Type.Literal('1h'), Type.Literal('24h'), Type.Literal('7d'), Type.Literal('30d')], {
              default: '7d',
            }),
          ),
        }),
      },
    },
    async (request) => {
      const range: Range = request.query.range ?? '7d';
      await workforce.counted();
      const at = now();
      const since = Math.max(at - ranges[range].length, at - cloud.settings().metricsRetention * 86_400_000);
      const views = cloud.views();
      const short = range === '1h' || range === '24h';
      const calls = (short ? await callsSince(cloud, since) : null) ?? callsByDay(views, since);
      return {
        ...summarize(range, at, calls, traffic.minutes(since)),
        services: serviceFigures(services.list()),
        uptime: Math.max(0, at - Date.parse(cloud.startedAt)),
        unauthorizedRequests: (views.cloud.get('cloud')?.deniedRequests ?? 0) + denied.pending,
      };
    },
  );
}
