import { Type } from 'typebox';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { Nullable, operation } from './schemas.ts';

const Range = {
  from: Type.Integer({ description: 'first event of the range' }),
  to: Type.Integer({ description: 'last event of the range' }),
  count: Type.Integer({ description: 'task events in it' }),
  until: Type.String({ description: 'time of its last event' }),
};
const Sealed = Type.Object({
  ...Range,
  since: Type.String({ description: 'time of its first event' }),
  bytes: Type.Optional(Type.Integer({ description: 'of the file; not in a dry run' })),
  rawBytes: Type.Optional(Type.Integer({ description: 'before compression' })),
});
const Deleted = Type.Object({ ...Range, bytes: Type.Integer({ description: 'of the file' }) });
const Stray = Type.Object({ file: Type.String(), bytes: Type.Integer() });

const View = Type.Object({
  settings: Type.Object({ tasks: Type.String(), segments: Type.String() }),
  segments: Type.Array(
    Type.Object({
      ...Range,
      since: Type.String(),
      file: Type.String(),
      bytes: Type.Integer(),
      rawBytes: Type.Integer(),
      sha256: Type.String(),
      first: Type.String({ description: 'hash of event `from`' }),
      last: Type.String({ description: 'hash of event `to`' }),
      outline: Type.String(),
      sealedAt: Type.Integer({ description: 'seq of log.sealed' }),
      deleted: Nullable(
        Type.Object({ seq: Type.Integer(), time: Type.String(), reason: Type.String(), keyframe: Type.String() }),
      ),
    }),
  ),
  due: Type.Object({ sealed: Type.Array(Sealed), deleted: Type.Array(Deleted), strays: Type.Array(Stray) }),
});

const Report = Type.Object({
  dryRun: Type.Boolean(),
  sealed: Type.Array(Sealed),
  deleted: Type.Array(Deleted),
  strays: Type.Array(Stray, { description: 'files of runs that were cut off' }),
  payloads: Nullable(Type.Object({ count: Type.Integer(), bytes: Type.Integer() })),
});

/** What keeps a cloud small: old task events in files, old files deleted, payloads that nothing names. */
export function retentionRoutes(app: App, { cloud }: Surroundings): void {
  app.get(
    '/management/api/retention',
    { schema: operation('history', 'Segment files of task events, and what is due by the settings.', { 200: View }) },
    () => cloud.retention() as never,
  );

  app.post(
    '/management/api/retention/run',
    {
      schema: {
        ...operation('history', 'Seals, deletes and collects what is due now.', { 200: Report }),
        querystring: Type.Object({
          dryRun: Type.Optional(Type.Boolean({ description: 'only tell what would be done' })),
        }),
      },
    },
    (request) => {
      const context = contextOf(request.headers, request.proof, request.trace);
      return cloud.runRetention(request.query.dryRun ?? false, context) as never;
    },
  );
}
