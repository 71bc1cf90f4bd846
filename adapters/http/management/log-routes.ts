import { pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { dayOf } from '../../logs/day.ts';
import { listDays, openDay, tailOfDay } from '../../logs/read-logs.ts';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation, Text } from './schemas.ts';

export function logRoutes(app: App, { cloud, logFolder, now }: Surroundings): void {
  app.get(
    '/management/api/logs',
    {
      schema: {
        ...operation('logs', 'The last lines of today’s log, one JSON object a line.', { 200: Text('text/plain') }),
        querystring: Type.Object({
          lines: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 5000, description: 'default: the setting lastLogsLines' }),
          ),
        }),
      },
    },
    async (request, reply) => {
      reply.type('text/plain; charset=utf-8');
      return tailOfDay(logFolder, dayOf(now()), request.query.lines ?? cloud.settings().lastLogsLines);
    },
  );

  app.get(
    '/management/api/logs/list',
    {
      schema: operation('logs', 'Days (UTC) that have a log, ascending.', {
        200: Type.Object({ dates: Type.Array(Type.String({ description: 'YYYY-MM-DD' })) }),
      }),
    },
    async () => ({ dates: await listDays(logFolder) }),
  );

  app.get(
    '/management/api/logs/download',
    {
      schema: {
        ...operation('logs', 'The log of a day, compressed; an empty one when the day has none.', {
          200: Text('application/gzip'),
        }),
        querystring: Type.Object({ date: Type.Optional(Type.String({ description: 'YYYY-MM-DD' })) }),
      },
    },
    async (request, reply) => {
      const { date } = request.query;
      if (date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date)) {
        throw new PloinkyError('INVALID_REQUEST', 'date required, as YYYY-MM-DD.');
      }
      reply.type('application/gzip');
      reply.header('content-disposition', `attachment; filename="p-cloud-${date}.log.gz"`);
      // Errors end the answer early, which is all that can be told once it has begun.
      return reply.send(pipeline(await openDay(logFolder, date), createGzip(), () => {}) as never);
    },
  );
}
