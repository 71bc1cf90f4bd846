import fastifySwagger from '@fastify/swagger';
import type { CloudPort } from './cloud-port.ts';
import { agentCallPaths } from './gateway/agent-call-docs.ts';
import { defaultLimits } from './limits.ts';
import { managementApp } from './management/app.ts';
import type { Surroundings } from './surroundings.ts';

const tags = [
  { name: 'agents', description: 'Calls of deployed agents.' },
  { name: 'access', description: 'Keys, login and logout.' },
  { name: 'overview', description: 'What is going on, at a glance.' },
  { name: 'settings', description: 'Settings, and the cloud as a config.json.' },
  { name: 'domains', description: 'Host names that are served.' },
  { name: 'repositories', description: 'Git remotes and the agents in them.' },
  { name: 'deployments', description: 'Agents at a domain and path.' },
  { name: 'volumes', description: 'What outlives containers and releases.' },
  { name: 'secrets', description: 'Names and versions of what agents need to know; no values.' },
  { name: 'tasks', description: 'Calls and what agents print.' },
  { name: 'history', description: 'The event log and what is folded from it.' },
  { name: 'logs', description: 'Log files of the server.' },
  { name: 'metrics', description: 'Figures over time.' },
  { name: 'health', description: 'For watchers and tools.' },
  { name: 'client', description: 'Files for browsers.' },
];

/** The OpenAPI 3.1 document, from the schemas that the server checks requests against. Needs no running server. */
export async function buildOpenApi(version: string): Promise<Record<string, unknown>> {
  const app = await managementApp(surroundingsOfNothing(version), (instance) =>
    instance.register(fastifySwagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Ploinky',
          version,
          description:
            'Agents from Git repositories under a domain and path; every action is an event in an append-only log.',
        },
        tags,
        components: {
          securitySchemes: {
            apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
            session: { type: 'http', scheme: 'bearer' },
            cookie: { type: 'apiKey', in: 'cookie', name: 'authorizationToken' },
          },
        },
        security: [{ apiKey: [] }, { session: [] }, { cookie: [] }],
      },
      transform: ({ schema, url, route }) => {
        const open = route.config?.open === true;
        const shown = route.config?.documentedAs ?? url;
        return { url: shown, schema: { ...schema, ...(open ? { security: [] } : {}) } };
      },
    }),
  );
  const document = app.swagger() as unknown as { paths: Paths };
  await app.close();
  nameMediaTypes(document.paths);
  return { ...document, paths: { ...agentCallPaths, ...document.paths } };
}

/** Enough to declare the routes; none of them is ever called. */
function surroundingsOfNothing(version: string): Surroundings {
  const cloud = { version } as CloudPort;
  return { cloud, limits: defaultLimits, closing: new AbortController().signal } as Surroundings;
}

type Content = Record<string, { schema: Record<string, unknown> }>;
type Paths = Record<string, Record<string, { responses: Record<string, { content?: Content }> }>>;

/** Answers that are no JSON carry their media type in the schema, since a route has no other place for it. */
function nameMediaTypes(paths: Paths): void {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  for (const response of operations.flatMap(({ responses }) => Object.values(responses))) {
    const schema = response.content?.['application/json']?.schema;
    const mediaType = schema?.['x-media-type'];
    if (typeof mediaType !== 'string') continue;
    const { 'x-media-type': _, ...shown } = schema as Record<string, unknown>;
    response.content = { [mediaType]: { schema: shown } };
  }
}
