import { Type } from 'typebox';
import { PruneItem } from '../../../core/events/prune-events.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation } from './schemas.ts';

const Report = Type.Object({
  dryRun: Type.Boolean(),
  releases: Type.Integer({
    description: 'of each deployment that can be rolled back to: the setting retention.releases',
  }),
  items: Type.Array(PruneItem, { description: 'what goes, or went' }),
  bytes: Type.Integer({ description: 'sum of those' }),
  left: Type.Array(Type.Object({ kind: Type.String(), id: Type.String(), reason: Type.String() }), {
    description: 'what was to go and did not',
  }),
  kept: Type.Array(Type.Object({ id: Type.String(), reason: Type.String() }), {
    description: 'images of ours that no release needs and that stay',
  }),
});

/** What lies about that no release needs. */
export function pruneRoutes(app: App, { cloud }: Surroundings): void {
  app.get(
    '/management/api/prune',
    {
      schema: operation('deployments', 'What could be removed, since no release names it. Changes nothing.', {
        200: Report,
      }),
    },
    () => cloud.showPrune() as never,
  );

  app.post(
    '/management/api/prune/run',
    {
      schema: operation('deployments', 'Removes what no release names that runs, is made or can be rolled back to.', {
        200: Report,
      }),
    },
    (request) => cloud.runPrune(contextOf(request.headers, request.proof, request.trace)) as never,
  );
}
