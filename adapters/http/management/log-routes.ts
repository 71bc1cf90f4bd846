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
        ...operation('logs', 'The log of a day, compressed.', {
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
      const day = await openDay(logFolder, date);
      if (day === null) throw noLog(date, await listDays(logFolder));
      reply.type('application/gzip');
      reply.header('content-disposition', `attachment; filename="p-cloud-${date}.log.gz"`);
      // Errors end the answer early, which is all that can be told once it has begun.
      return reply.send(pipeline(day, createGzip(), () => {}) as never);
    },
  );
}

/** With the days that there are: all of a short list, both ends of a long one. */
function noLog(date: string, days: readonly string[]): PloinkyError {
  const among = days.length > 8 ? [...days.slice(0, 2), '…', ...days.slice(-5)] : days;
  const hint = days.length === 0 ? 'No day has a log yet.' : `Days (UTC) that have one: ${among.join(', ')}.`;
  return new PloinkyError('NOT_FOUND', `There is no log of ${date}.`, { hint, details: { dates: days } });
}
