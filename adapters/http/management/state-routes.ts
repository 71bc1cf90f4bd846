import { Type } from 'typebox';
import { dump } from '../../../history/dump.ts';
import type { Views } from '../../../projections/views.ts';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation } from './schemas.ts';

export function stateRoutes(app: App, { cloud }: Surroundings): void {
  app.get(
    '/management/api/state',
    {
      schema: operation('history', 'The projected state, by projection and key; without projections that stopped.', {
        200: Type.Object({
          seq: Type.Integer({ description: 'of the last event in it' }),
          hash: Type.String({ description: 'of that event' }),
          state: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
        }),
      }),
    },
    async () => {
      const { seq, hash } = cloud.head();
      const views = cloud.views();
      const stopped = new Set(cloud.stopped().map(({ projection }) => projection));
      const names = Object.keys(views).filter((name) => !stopped.has(name)) as (keyof Views)[];
      return { seq, hash, state: dump(Object.fromEntries(names.map((name) => [name, views[name]]))) };
    },
  );
}
