import { Type } from 'typebox';
import { parseDomain } from '../../../core/names/names.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { Done, operation } from './schemas.ts';

const HostName = Type.String({ minLength: 1, maxLength: 254, description: 'host name without scheme and port' });
const ByName = Type.Object({ name: HostName });

export function domainRoutes(app: App, { cloud }: Surroundings): void {
  app.get(
    '/management/api/domains',
    {
      schema: {
        ...operation('domains', 'Host names that are served.', {
          200: Type.Object({ domains: Type.Array(Type.Object({ name: Type.String(), enabled: Type.Boolean() })) }),
        }),
        querystring: Type.Object({ all: Type.Optional(Type.Boolean({ description: 'true: disabled ones too' })) }),
      },
    },
    async (request) => ({
      domains: [...cloud.views().domains.values()]
        .filter((domain) => domain.enabled || request.query.all === true)
        .map(({ name, enabled }) => ({ name, enabled })),
    }),
  );

  app.post(
    '/management/api/domains',
    {
      schema: {
        ...operation('domains', 'Serves a host name. One that is known already is left as it is.', { 200: Done }),
        body: Type.Object({ name: HostName, enabled: Type.Optional(Type.Boolean({ default: true })) }),
      },
    },
    async (request) => {
      const { name, enabled = true } = request.body;
      const context = contextOf(request.headers, request.proof, request.trace);
      await cloud.execute({ type: 'addDomain', name: parseDomain(name), enabled }, context);
      return { success: true as const };
    },
  );

  app.delete(
    '/management/api/domains/:name',
    {
      schema: {
        ...operation('domains', 'Forgets a host name; also when it was never known.', { 200: Done }),
        params: ByName,
      },
    },
    async (request) => {
      const context = contextOf(request.headers, request.proof, request.trace);
      await cloud.execute({ type: 'removeDomain', name: parseDomain(request.params.name) }, context);
      return { success: true as const };
    },
  );

  for (const enabled of [true, false]) {
    const verb = enabled ? 'enable' : 'disable';
    const summary = enabled ? 'Serves a known host name again.' : 'Keeps a host name without serving it.';
    app.post(
      `/management/api/domains/:name/${verb}`,
      { schema: { ...operation('domains', summary, { 200: Done }), params: ByName } },
      async (request) => {
        const context = contextOf(request.headers, request.proof, request.trace);
        await cloud.execute({ type: 'setDomainEnabled', name: parseDomain(request.params.name), enabled }, context);
        return { success: true as const };
      },
    );
  }
}
