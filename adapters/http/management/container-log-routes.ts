import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { type LogLine, quiet } from '../../container-logs/read-deployment.ts';
import { outputTime } from '../../engine/output-time.ts';
import type { App } from '../fastify-types.ts';
import { momentOf } from '../history/event-filter.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation, Text } from './schemas.ts';
import { streamTexts } from './streaming.ts';
import { parseDeployment } from './task-routes.ts';

const usualLines = 100;

/** What containers wrote. */
export function containerLogRoutes(app: App, { cloud, closing, now }: Surroundings): void {
  app.get(
    '/management/api/logs/containers',
    {
      schema: {
        ...operation('logs', 'Lines that the containers of a deployment wrote, by time, one JSON object a line.', {
          200: Text('application/x-ndjson'),
        }),
        description:
          'Also of containers and releases that are gone. With follow=1 the answer stays open, goes over to later releases, and an ' +
          'empty line comes every 15 s when nothing happens. `{places}` comes then between what there was and what comes: for `after` of a ' +
          'request that goes on where this one broke, each replaced by the `place` of a later line.',
        querystring: Type.Object({
          deployment: Type.String({ minLength: 1, maxLength: 1200, description: 'for example localhost/demo' }),
          release: Type.Optional(Type.Integer({ minimum: 1, description: 'default: all whose logs are kept' })),
          replica: Type.Optional(Type.Integer({ minimum: 1 })),
          since: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 time, or a duration such as 10m' })),
          lines: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 10_000,
              description: 'the newest so many; default: 100, all with since or after',
            }),
          ),
          stream: Type.Optional(Type.Union([Type.Literal('stdout'), Type.Literal('stderr')])),
          contains: Type.Optional(Type.String({ maxLength: 1000, description: 'part of the line' })),
          after: Type.Optional(
            Type.String({ maxLength: 20_000, description: 'values of `place`, with commas: what comes behind them' }),
          ),
          follow: Type.Optional(
            Type.Union([Type.Boolean(), Type.Literal('1'), Type.Literal('0')], {
              description: 'go on with what comes',
            }),
          ),
        }),
      },
    },
    async (request, reply) => {
      const { deployment, release, replica, since, lines, stream, contains, after, follow } = request.query;
      const id = parseDeployment(deployment);
      if (!cloud.views().deployments.has(id)) {
        throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${id}.`);
      }
      const most = lines ?? (since === undefined && after === undefined ? usualLines : undefined);
      const query = {
        ...(release === undefined ? {} : { release }),
        ...(replica === undefined ? {} : { replica }),
        ...(since === undefined ? {} : { since: outputTime(momentOf(since, now())) }),
        ...(most === undefined ? {} : { lines: most }),
        ...(stream === undefined ? {} : { stream }),
        ...(contains === undefined ? {} : { contains }),
        ...(after === undefined ? {} : { after: after.split(',') }),
      };
      const goesOn = follow === true || follow === '1';
      reply.type('application/x-ndjson; charset=utf-8').header('x-accel-buffering', 'no');
      return reply.send(
        streamTexts(reply, closing, async function* (signal) {
          for await (const line of cloud.containerLogs(id, query, goesOn ? signal : null)) {
            if (signal.aborted) return;
            if (line === quiet) yield '\n';
            else yield `${'places' in line ? JSON.stringify(line) : lineText(line)}\n`;
          }
        }) as never,
      );
    },
  );
}

/** Without what only the store itself needs. */
function lineText(line: LogLine): string {
  const { release, replica, time, stream, text, place } = line;
  const told = line.stream === 'ploinky' ? { dropped: line.dropped } : { more: line.more };
  return JSON.stringify({ release, replica, time, stream, text, ...told, place });
}
