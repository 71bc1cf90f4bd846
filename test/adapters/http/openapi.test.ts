import { expect, it } from 'vitest';
import { buildOpenApi } from '../../../adapters/http/openapi.ts';

interface Operation {
  summary?: string;
  tags?: string[];
  responses?: Record<string, unknown>;
  security?: unknown[];
}

it('describes every address of the API, with what it does, answers and needs', async () => {
  const document = (await buildOpenApi('1.2.3')) as unknown as {
    openapi: string;
    info: { version: string };
    tags: { name: string }[];
    paths: Record<string, Record<string, Operation>>;
  };
  expect(document.openapi).toBe('3.1.0');
  expect(document.info.version).toBe('1.2.3');
  const known = new Set(document.tags.map(({ name }) => name));
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => {
    return Object.entries(methods)
      .filter(([method]) => method !== 'parameters')
      .map(([method, operation]) => ({ name: `${method} ${path}`, operation }));
  });
  expect(operations.length).toBeGreaterThan(40);
  for (const { name, operation } of operations) {
    expect(operation.summary, name).toMatch(/\.$/);
    expect(
      operation.tags?.every((tag) => known.has(tag)),
      name,
    ).toBe(true);
    expect(Object.keys(operation.responses ?? {}), name).toEqual(expect.arrayContaining(['4XX', '5XX']));
    expect(name).not.toContain('*');
  }
  const open = operations.filter(({ operation }) => operation.security?.length === 0).map(({ name }) => name);
  expect(open.sort()).toEqual([
    'delete /client/tasks/{taskId}',
    'get /client/tasks/{taskId}',
    'get /client/{file}',
    'get /health',
    'get /management/api/check-auth',
    'get /management/api/openapi.json',
    'post /auth',
    'post /management/api/init',
    'post /management/webhooks/github/{name}',
    'post /management/webhooks/gitlab/{name}',
  ]);
});

it('names the media types of answers that are no JSON', async () => {
  const { paths } = (await buildOpenApi('1')) as {
    paths: Record<string, { get: { responses: Record<string, { content?: object }> } }>;
  };
  const types = (path: string) => Object.keys(paths[path]?.get.responses['200']?.content ?? {});
  expect(types('/management/api/history')).toEqual(['application/x-ndjson']);
  expect(types('/management/api/events')).toEqual(['text/event-stream']);
  expect(types('/management/api/logs/download')).toEqual(['application/gzip']);
  expect(JSON.stringify(paths)).not.toContain('x-media-type');
});
