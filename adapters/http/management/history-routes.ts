import { type Static, Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { findEvent } from '../../../history/find-event.ts';
import type { App } from '../fastify-types.ts';
import { momentOf, typesOf } from '../history/event-filter.ts';
import { followHistory, heartbeat } from '../history/follow-history.ts';
import { type HistoryQuery, readHistory } from '../history/read-history.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation, Text } from './schemas.ts';
import { streamTexts } from './streaming.ts';
import { parseDeployment } from './task-routes.ts';

const Seq = (description: string) => Type.Optional(Type.Integer({ minimum: 1, description }));
const Filters = Type.Object({
  deployment: Type.Optional(Type.String({ maxLength: 1200, description: 'for example localhost/demo' })),
  type: Type.Optional(
    Type.Union([Type.String({ maxLength: 2000 }), Type.Array(Type.String({ maxLength: 100 }), { maxItems: 100 })], {
      description: 'may repeat or hold commas; patterns such as task.* are possible',
    }),
  ),
  actor: Type.Optional(Type.String({ maxLength: 200, description: 'for example admin or admin:<keyId>' })),
  trace: Type.Optional(Type.String({ maxLength: 200 })),
  since: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 time, or a duration such as 10m' })),
  until: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 time, or a duration such as 10m' })),
  from: Seq('first seq'),
  to: Seq('last seq'),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100_000, description: 'without `from`: the newest so many' }),
  ),
  follow: Type.Optional(
    Type.Union([Type.Boolean(), Type.Literal('1'), Type.Literal('0')], { description: 'go on with what comes' }),
  ),
});

const Envelope = Type.Object({
  seq: Type.Integer(),
  id: Type.String(),
  time: Type.String(),
  type: Type.String(),
  v: Type.Integer(),
  stream: Type.String(),
  data: Type.Unknown(),
  actor: Type.String(),
  cause: Type.Union([Type.String(), Type.Null()]),
  trace: Type.String(),
  hash: Type.String(),
});

export function historyRoutes(app: App, { cloud, closing, now }: Surroundings): void {
  app.get(
    '/management/api/history',
    {
      schema: {
        ...operation('history', 'Events that match, oldest first, one JSON envelope a line.', {
          200: Text('application/x-ndjson'),
        }),
        description: 'With follow=1 the answer stays open and an empty line comes every 15 s when nothing happens.',
        querystring: Filters,
      },
    },
    async (request, reply) => {
      const query = queryOf(request.query, now());
      const follow = request.query.follow === true || request.query.follow === '1';
      if (follow && query.to !== undefined) {
        throw new PloinkyError('INVALID_REQUEST', 'A history that ends at "to" cannot be followed.');
      }
      reply.type('application/x-ndjson; charset=utf-8').header('x-accel-buffering', 'no');
      return reply.send(
        streamTexts(reply, closing, async function* (signal) {
          const head = cloud.head().seq;
          for await (const event of readHistory(cloud, { ...query, to: Math.min(query.to ?? head, head) })) {
            if (signal.aborted) return;
            yield `${JSON.stringify(event)}\n`;
          }
          if (!follow) return;
          for await (const event of followHistory(cloud, { after: head, filter: query, signal })) {
            yield event === heartbeat ? '\n' : `${JSON.stringify(event)}\n`;
          }
        }) as never,
      );
    },
  );

  app.get(
    '/management/api/events',
    {
      schema: {
        ...operation('history', 'Server-sent events: what happens from now on.', { 200: Text('text/event-stream') }),
        description: 'Goes on after Last-Event-ID, or after the seq `from` - 1.',
        querystring: Filters,
      },
    },
    async (request, reply) => {
      const filter = queryOf(request.query, now());
      const last = Number(request.headers['last-event-id'] ?? Number.NaN);
      const after = Number.isSafeInteger(last) && last >= 0 ? last : (filter.from ?? cloud.head().seq + 1) - 1;
      reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no');
      return reply.send(
        streamTexts(reply, closing, async function* (signal) {
          yield 'retry: 2000\n\n';
          for await (const event of followHistory(cloud, { after, filter, signal })) {
            if (event === heartbeat) yield ': nothing new\n\n';
            else yield `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
          }
        }) as never,
      );
    },
  );

  app.get(
    '/management/api/events/:ref',
    {
      schema: {
        ...operation('history', 'One event.', { 200: Envelope }),
        params: Type.Object({
          ref: Type.String({ pattern: '^([1-9]\\d{0,14}|[0-9A-Za-z]{8,32})$', description: 'seq, or id' }),
        }),
      },
    },
    (request) => findEvent(cloud, request.params.ref),
  );
}

function queryOf(given: Static<typeof Filters>, now: number): HistoryQuery {
  const { deployment, type, actor, trace, since, until, from, to, limit } = given;
  return {
    ...(deployment === undefined ? {} : { deployment: parseDeployment(deployment) }),
    ...(type === undefined ? {} : { types: typesOf(type) }),
    ...(actor === undefined ? {} : { actor }),
    ...(trace === undefined ? {} : { trace }),
    ...(since === undefined ? {} : { since: momentOf(since, now) }),
    ...(until === undefined ? {} : { until: momentOf(until, now) }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(limit === undefined ? {} : { limit }),
  };
}
