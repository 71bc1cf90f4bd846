import { Type } from 'typebox';
import type { App } from '../fastify-types.ts';
import { heartbeat } from '../history/follow-history.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation, Text } from './schemas.ts';
import { streamTexts } from './streaming.ts';
import { parseDeployment } from './task-routes.ts';

const OfRelease = {
  deployment: Type.String({ minLength: 1, maxLength: 1200, description: 'for example localhost/demo' }),
  release: Type.Integer({ minimum: 1, description: 'number of the release' }),
};

/** What a release says while it is made: the pull of its image and the output of its install step. */
export function installRoutes(app: App, { cloud, closing }: Surroundings): void {
  app.get(
    '/management/api/deployments/progress',
    {
      schema: {
        ...operation('deployments', 'Lines of a release that is being made, as they come.', {
          200: Text('application/x-ndjson'),
        }),
        description:
          'One `{"stage": "image" | "install", "line": "…"}` a line, from the beginning as far as the server remembers it. ' +
          'Ends when the install step has ended. An empty line comes every 15 s when nothing happens.',
        querystring: Type.Object(OfRelease),
      },
    },
    async ({ query }, reply) => {
      const deployment = parseDeployment(query.deployment);
      // Refused before the answer begins.
      await cloud.installOutput(deployment, query.release, 1);
      reply.type('application/x-ndjson; charset=utf-8').header('x-accel-buffering', 'no');
      return reply.send(
        streamTexts(reply, closing, async function* (signal) {
          for await (const line of cloud.followProgress(deployment, query.release, signal)) {
            yield line === heartbeat ? '\n' : `${JSON.stringify(line)}\n`;
          }
        }) as never,
      );
    },
  );

  app.get(
    '/management/api/deployments/install-log',
    {
      schema: {
        ...operation('deployments', 'What the install step of a release wrote, newest lines last.', {
          200: Text('text/plain'),
        }),
        querystring: Type.Object({
          ...OfRelease,
          lines: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: 'default 1000' })),
        }),
      },
    },
    async ({ query: { deployment, release, lines = 1000 } }, reply) => {
      reply.type('text/plain; charset=utf-8');
      return cloud.installOutput(parseDeployment(deployment), release, lines);
    },
  );
}
