import { Type } from 'typebox';
import type { Views } from '../../../projections/views.ts';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation } from './schemas.ts';

export function stateRoutes(app: App, { cloud }: Surroundings): void {
  app.get(
    '/management/api/state',
    {
      schema: operation('history', 'The projected state, by projection and key.', {
        200: Type.Object({
          seq: Type.Integer({ description: 'of the last event in it' }),
          hash: Type.String({ description: 'of that event' }),
          state: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
        }),
      }),
    },
    async () => {
      const { seq, hash } = cloud.head();
      return { seq, hash, state: plainState(cloud.views()) };
    },
  );
}

/** Maps as objects; hashes of keys and sessions are left out. */
export function plainState(views: Views): Record<string, Record<string, unknown>> {
  const state: Record<string, Record<string, unknown>> = {};
  for (const [name, entities] of Object.entries(views) as [string, ReadonlyMap<string, object>][]) {
    const secret = name === 'keys' || name === 'sessions';
    const plain: Record<string, unknown> = Object.create(null);
    for (const [key, entity] of entities) {
      if (secret) {
        const { hash: _, ...shown } = entity as { hash: string };
        plain[key] = shown;
      } else {
        plain[key] = entity;
      }
    }
    state[name] = plain;
  }
  return state;
}
