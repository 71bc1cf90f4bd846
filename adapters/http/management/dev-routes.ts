import { Type } from 'typebox';
import { parseName } from '../../../core/names/names.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { Name, operation } from './schemas.ts';

/** A working tree; what Git ignores is not sent. */
const mostBytes = 64 * 1024 * 1024;

/** Working trees of developers, which become commits of a repository that lives here. */
export function devRoutes(app: App, { cloud, closing }: Surroundings): void {
  // A pack is bytes.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: mostBytes }, (_request, body, done) => {
      done(null, body);
    });
    scope.post<{ Params: { name: string }; Querystring: { commit: string }; Body: Buffer | undefined }>(
      '/management/api/dev/:name',
      {
        bodyLimit: mostBytes,
        schema: {
          ...operation('repositories', 'Takes a commit of a working tree, as a Git pack of at most 64 MiB.', {
            200: Type.Object({ success: Type.Literal(true), repository: Type.String(), commit: Type.String() }),
          }),
          description:
            'Into a repository of that name, which is made when it is not there; it is disabled, so that nothing is found in ' +
            'it that was not asked for. The pack may leave out what an earlier one brought: DEV_INCOMPLETE asks for all of it.',
          params: Type.Object({ name: Name('of the dev repository') }),
          querystring: Type.Object({ commit: Type.String({ pattern: '^[0-9a-f]{40}$' }) }),
        },
      },
      async (request) => {
        const name = parseName(request.params.name, 'repository');
        const { commit } = request.query;
        const context = contextOf(request.headers, request.proof, request.trace);
        const url = `ploinky-dev:${name}`;
        await cloud.execute({ type: 'addRepository', name, url, branch: null, enabled: false, check: 'keep' }, context);
        await cloud.receivePack({ name, commit, pack: request.body ?? Buffer.alloc(0) }, closing);
        return { success: true as const, repository: name, commit };
      },
    );
  });
}
