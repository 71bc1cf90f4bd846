import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers what it was asked, as JSON. */
const mirror: Handle = (request, response) => {
  const { method, url, headers } = request;
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ method, url, headers }));
};

/** For the tests of one file: gateways in front of web services, ended after each test. */
export function webServiceGround() {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function service(handle: Handle = mirror) {
    const server = createServer({ requestTimeout: 0 }, handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { server, port: (server.address() as AddressInfo).port };
  }

  async function gateway(options: Parameters<typeof startTestServer>[0] = {}): Promise<TestServer> {
    const server = await startTestServer(options);
    ends.push(() => server.close());
    return server;
  }

  /** A gateway with one web service. */
  async function serving(
    at: string,
    {
      prefix = 'strip' as 'strip' | 'keep',
      handle = mirror,
      ...options
    }: { prefix?: 'strip' | 'keep'; handle?: Handle } & Parameters<typeof startTestServer>[0] = {},
  ) {
    const { port, server: app } = await service(handle);
    const server = await gateway(options);
    await server.deploy(at, 'localhost', { port, manifest: { web: { port: 3000, prefix } } });
    return { server, app };
  }

  return { ends, service, gateway, serving };
}

export interface Mirrored {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
}
/** What the mirror answered. */
export const mirrored = async (answer: Response) => (await answer.json()) as Mirrored;

/** All that comes until the connection is closed. */
export async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.setEncoding('latin1').on('data', (bytes) => {
    heard += bytes;
  });
  socket.on('error', () => {});
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return heard;
}

/** What is done after an answer is done a few turns later. */
export async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
