import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PloinkyDraft } from '../../../core/events/catalogue.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const context = { actor: 'test', trace: 'test' };
const stream = 'network:docker/ploinky-localhost-demo-cloud1';
const wanted = { name: 'ploinky-localhost-demo-cloud1', engine: 'docker', deployment: 'localhost/demo' };
const made = (subnet: string): PloinkyDraft[] => [
  { type: 'network.createRequested', stream, data: wanted },
  { type: 'network.created', stream, data: { engineId: 'n', subnets: [subnet], found: false, metadata: 'closed' } },
];

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
  await server.deploy('/demo');
});
afterEach(() => server.close());

const network = (subnet: string) => server.cloud.append(made(subnet), context);

/** As it goes over the wire, with a valid key. */
function status(path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { port: server.port, path, headers: { 'x-api-key': server.apiKey, ...headers }, agent: false };
    request({ host: '127.0.0.1', ...options }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
}

describe('a container in a private network', () => {
  it.each([
    '/management/api/overview',
    '/management/api/deployments',
    '/management',
    '/management/',
    '/management/api/there-is-nothing',
    '/management/../management/api/overview',
    '/management?x=/health',
    '/auth',
    '/auth/whoami',
    '/metrics',
  ])('reaches nothing at %s, whatever it proves to be', async (path) => {
    expect(await status(path)).not.toBe(403);
    network('127.0.0.0/8');
    expect(await status(path)).toBe(403);
    for (const host of ['localhost', 'anything.example', '127.0.0.1', 'management']) {
      expect(await status(path, { host })).toBe(403);
    }
    expect(await status(path, { 'x-forwarded-for': '192.0.2.1' })).toBe(403);
  });

  it('is told why', async () => {
    network('127.0.0.0/8');
    const response = await server.admin('/management/api/overview');
    expect(await response.json()).toMatchObject({ error: { code: 'FROM_CONTAINER' } });
  });

  it('calls agents and asks for the health all the same', async () => {
    network('127.0.0.0/8');
    expect(await status('/health')).toBe(200);
    const called = await server.fetch('/demo/hello', { method: 'POST', body: '[]' });
    expect(called.status).toBe(200);
  });

  it('is seen behind a proxy of this machine', async () => {
    network('172.18.0.0/16');
    expect(await status('/management/api/overview')).toBe(200);
    expect(await status('/management/api/overview', { 'x-forwarded-for': '192.0.2.1, 172.18.0.5' })).toBe(403);
    expect(await status('/management/api/overview', { 'x-forwarded-for': '172.18.0.5, 192.0.2.1' })).toBe(200);
  });

  it('is nobody any more when the network is gone', async () => {
    network('127.0.0.0/8');
    server.cloud.append([{ type: 'network.lost', stream, data: { reason: 'test' } }], context);
    expect(await status('/management/api/overview')).toBe(403);
    server.cloud.append(
      [
        { type: 'network.removeRequested', stream, data: { reason: 'test' } },
        { type: 'network.removed', stream, data: {} },
      ],
      context,
    );
    expect(await status('/management/api/overview')).toBe(200);
  });
});

describe('a network that leaves the way to metadata open', () => {
  it('is named at a glance', async () => {
    const overview = async () => (await (await server.admin('/management/api/overview')).json()) as object;
    network('172.18.0.0/16');
    expect(await overview()).toMatchObject({ openNetworks: [] });
    const data = { engineId: 'n', subnets: ['172.18.0.0/16'], found: true, metadata: 'open' as const };
    server.cloud.append([{ type: 'network.created', stream, data }], context);
    expect(await overview()).toMatchObject({ openNetworks: ['localhost/demo'] });
  });
});
