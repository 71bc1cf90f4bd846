import { Type } from 'typebox';
import { problemOf } from '../../../core/errors/ploinky-error.ts';
import { parseAnchor } from '../../../core/log/anchor.ts';
import { rangeOf } from '../../archive/range.ts';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation, Text } from './schemas.ts';
import { streamTexts } from './streaming.ts';

/** The log as a whole: proof that it is whole, and copies of it. */
export function archiveRoutes(app: App, { cloud, closing, logger }: Surroundings): void {
  app.get(
    '/management/api/verify',
    {
      schema: {
        ...operation('history', 'Checks every number and hash of the log up to its head of now.', {
          200: Text('application/x-ndjson'),
        }),
        description:
          'One JSON object a line: `step` (stage, done, of, elapsedMs, rate) now and then, at last `result` or ' +
          '`error`. The status is 200 also when the log is found damaged: that is known only at the end.',
        querystring: Type.Object({
          anchor: Type.Optional(
            Type.String({ pattern: '^\\d{1,15}:[0-9a-fA-F]{64}$', description: '<seq>:<hash> of an earlier check' }),
          ),
          blobs: Type.Optional(Type.Boolean({ description: 'also the payloads that events name; default false' })),
        }),
      },
    },
    async (request, reply) => {
      const { anchor, blobs = false } = request.query;
      const work = cloud.archive().verify({ anchor: parseAnchor(anchor ?? '') ?? undefined, blobs });
      reply.type('application/x-ndjson; charset=utf-8').header('x-accel-buffering', 'no');
      return reply.send(
        streamTexts(reply, closing, async function* (signal) {
          try {
            for (;;) {
              const { done, value } = await work.next();
              if (done) {
                yield line({ result: value });
                return;
              }
              if (signal.aborted) return;
              yield line({ step: value });
            }
          } catch (error) {
            logger.error({ err: error }, 'the log did not pass its check');
            yield line({ error: { ...problemOf(error), details: (error as { details?: unknown }).details ?? null } });
          } finally {
            // A client that went away: the work ends as well.
            await work.return(undefined as never);
          }
        }) as never,
      );
    },
  );

  app.get(
    '/management/api/backup',
    {
      schema: {
        ...operation('history', 'A backup of log, payloads, secrets (encrypted) and Git mirrors, of this instant.', {
          200: Text('application/gzip'),
        }),
        description: 'A compressed tar. An answer that ends without trailer.json is not whole.',
        querystring: Type.Object({
          repositories: Type.Optional(Type.Boolean({ description: 'also the Git mirrors; default true' })),
        }),
      },
    },
    async (request, reply) => {
      const { seq } = cloud.head();
      const stream = cloud.archive().backup({ repositories: request.query.repositories ?? true });
      const end = () => stream.destroy(new Error('the server is stopping'));
      closing.addEventListener('abort', end, { once: true });
      stream.once('close', () => closing.removeEventListener('abort', end));
      stream.once('error', (error) => logger.error({ err: error }, 'a backup ended early'));
      reply.type('application/gzip').header('content-disposition', `attachment; filename="ploinky-${seq}.backup"`);
      return reply.send(stream as never);
    },
  );

  app.get(
    '/management/api/export',
    {
      schema: {
        ...operation('history', 'Events as they are stored, with their payloads, one JSON object a line.', {
          200: Text('application/x-ndjson'),
        }),
        description: 'A header, the events, and a trailer; an answer without its trailer is not whole.',
        querystring: Type.Object({
          from: Type.Optional(
            Type.String({ maxLength: 40, description: 'moment of the first event; default event 1' }),
          ),
          to: Type.Optional(Type.String({ maxLength: 40, description: 'moment of the last event; default head' })),
        }),
      },
    },
    async (request, reply) => {
      const range = await rangeOf(cloud.past(), request.query);
      reply.type('application/x-ndjson; charset=utf-8');
      return reply.send(streamTexts(reply, closing, () => cloud.archive().export(range)) as never);
    },
  );
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
