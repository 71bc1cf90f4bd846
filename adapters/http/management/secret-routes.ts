import { Type } from 'typebox';
import { parseSecretName } from '../../../core/names/names.ts';
import { rollbacksThatNeed, usesOf } from '../../../decisions/secret-uses.ts';
import { listSecrets } from '../../../history/list-secrets.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { Name, Nullable, operation } from './schemas.ts';

const version = Type.Integer({ minimum: 1 });
const Use = Type.Object({
  deployment: Type.String(),
  release: Type.Integer(),
  version: Nullable(Type.Integer({ description: 'that it runs with; null while it is being made' })),
  serving: Type.Boolean({ description: 'false: it is being made, or served before' }),
});
const Listed = Type.Object({
  name: Type.String(),
  version,
  versions: Type.Array(version, { description: 'that a rollback can have again' }),
  setAt: Type.String(),
  setBy: Type.String({ description: 'actor' }),
  uses: Type.Array(Type.Object({ ...Use.properties, current: Type.Boolean() }), {
    description: 'releases that serve or are being made; not current = with an older version',
  }),
});
const Stored = Type.Object({
  success: Type.Literal(true),
  name: Type.String(),
  version,
  stale: Type.Array(Use, { description: 'releases that still run with an older version' }),
});
const Removed = Type.Object({
  success: Type.Literal(true),
  name: Type.String(),
  versions: Type.Array(version, { description: 'that were destroyed' }),
  uses: Type.Array(Use, { description: 'releases that go on with it until they are started again' }),
  rollbacks: Type.Array(Use, { description: 'earlier releases that cannot be deployed again any more' }),
});

// Checked by hand: a complaint of the schema could repeat the value.
const Value = Type.Unsafe<unknown>({ description: '1 byte to 64 KiB of text; it is never shown again' });

/** Names and versions go out, values come in; there is no route that gives a value. */
export function secretRoutes(app: App, { cloud }: Surroundings): void {
  app.get(
    '/management/api/secrets',
    {
      schema: operation('secrets', 'Secrets without their values, and which releases need them.', {
        200: Type.Object({ secrets: Type.Array(Listed) }),
      }),
    },
    async () => ({ secrets: listSecrets(cloud.views()) }),
  );

  app.post(
    '/management/api/secrets',
    {
      schema: {
        ...operation('secrets', 'A new secret, or a new version of one.', { 200: Stored }),
        body: Type.Object({ name: Name('of the secret'), value: Value }),
      },
    },
    async (request) => {
      const { name, value } = request.body;
      const context = contextOf(request.headers, request.proof, request.trace);
      const command = { type: 'setSecret', name: parseSecretName(name), how: 'set' } as const;
      return stored(name, await cloud.setSecret(command, value, context));
    },
  );

  app.post(
    '/management/api/secrets/:name/rotate',
    {
      schema: {
        ...operation('secrets', 'A new version of a secret that there is.', { 200: Stored }),
        params: Type.Object({ name: Name('of the secret') }),
        body: Type.Object({ value: Value }),
      },
    },
    async (request) => {
      const name = parseSecretName(request.params.name);
      const context = contextOf(request.headers, request.proof, request.trace);
      return stored(
        name,
        await cloud.setSecret({ type: 'setSecret', name, how: 'rotate' }, request.body.value, context),
      );
    },
  );

  app.delete(
    '/management/api/secrets/:name',
    {
      schema: {
        ...operation('secrets', 'Destroys every version of a secret; rollbacks that need it are refused then.', {
          200: Removed,
        }),
        params: Type.Object({ name: Name('of the secret') }),
        querystring: Type.Object({
          force: Type.Optional(Type.Boolean({ description: 'also while a release that serves needs it' })),
        }),
      },
    },
    async (request) => {
      const name = parseSecretName(request.params.name);
      const context = contextOf(request.headers, request.proof, request.trace);
      const force = request.query.force === true;
      const versions = await cloud.removeSecret({ type: 'removeSecret', name, force }, context);
      const views = cloud.views();
      const [uses, rollbacks] = [usesOf(views, name), rollbacksThatNeed(views, name)];
      return { success: true as const, name, versions: [...versions], uses, rollbacks };
    },
  );

  function stored(name: string, current: number) {
    const stale = usesOf(cloud.views(), name).filter((use) => use.version !== null && use.version < current);
    return { success: true as const, name, version: current, stale };
  }
}
