import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
  await server.deploy('/demo');
});
afterAll(() => server.close());

/** Sends bytes as they are and returns what came until the server closed the connection. */
async function raw(...pieces: string[]): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  for (const piece of pieces) socket.write(piece);
  await once(socket, 'close');
  return text;
}
const host = 'Host: localhost\r\n';

describe('a DELETE whose body comes without a length', () => {
  it.each(['with the request', 'behind it'])('%s is answered in full', async (when) => {
    const head = `DELETE /management/api/deployments/localhost/nothing HTTP/1.1\r\n${host}X-API-Key: ${server.apiKey}\r\nContent-Type: application/json\r\n\r\n`;
    const body = '{"domain":"localhost","path":"/nothing"}';
    const text = when === 'behind it' ? await raw(head, body) : await raw(head + body);
    expect(text).toMatch(/^HTTP\/1.1 404/);
    expect(text).toContain('DEPLOYMENT_NOT_FOUND');
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('in its body form says what is missing, so that the client tries the path form', async () => {
    const head = `DELETE /management/api/deployments HTTP/1.1\r\n${host}X-API-Key: ${server.apiKey}\r\n\r\n`;
    expect(await raw(`${head}{"domain":"localhost","path":"/demo"}`)).toMatch(/^HTTP\/1.1 400[\s\S]*"domain/);
  });
});

describe('what is no HTTP', () => {
  it.each([
    ['noise', '\u0000\u0001\u0002\r\n\r\n', 400],
    ['a missing host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['headers over the limit', `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', `POST /demo/x HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
    ['a wrong chunk', `POST /demo/x HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
  ])('%s is refused', async (_name, bytes, status) => {
    expect(await raw(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it.each(['http://localhost/demo/hello', '*', 'demo'])('the target %s is refused', async (target) => {
    const text = await raw(`GET ${target} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1.1 4\d\d/);
  });

  it('an upgrade is answered as an ordinary request', async () => {
    const upgrade = 'Connection: Upgrade, close\r\nUpgrade: websocket\r\n';
    expect(await raw(`GET /health HTTP/1.1\r\n${host}${upgrade}\r\n`)).toMatch(/^HTTP\/1.1 200/);
  });
});

describe('slow clients', () => {
  it('that never finish their headers are cut off', async () => {
    expect(await raw('GET /health HTTP/1.1\r\nHost: local')).toMatch(/^HTTP\/1.1 408[\s\S]*REQUEST_TIMEOUT/);
  });

  it('that never finish their body are cut off', async () => {
    const text = await raw(`POST /demo/hello HTTP/1.1\r\n${host}Content-Length: 100\r\n\r\nabc`);
    expect(text).toMatch(/^HTTP\/1.1 408/);
  });
});

describe('listening', () => {
  it('is on both loopback addresses where there are two', async () => {
    expect(server.http.address?.hosts[0]).toBe('127.0.0.1');
    expect(server.http.address?.url).toBe(`http://localhost:${server.port}`);
    for (const address of server.http.address?.hosts ?? []) {
      const at = address.includes(':') ? `[${address}]` : address;
      expect((await fetch(`http://${at}:${server.port}/health`)).status).toBe(200);
    }
  });

  it('on a port in use says so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(startTestServer({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await expect(startTestServer({ port, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    other.close();
  });

  it('on an address of another machine says so', async () => {
    await expect(startTestServer({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'BIND_REFUSED' });
  });
});

describe('closing', () => {
  it('lets answers under way finish and takes nothing new', async () => {
    const closing = await startTestServer();
    await closing.deploy('/demo');
    let finish: () => void = () => {};
    const began = new Promise<void>((resolve) => {
      closing.cloud.onCall = () => {
        resolve();
        return new Promise((end) => {
          finish = () => end({ taskId: 't', success: true, data: 'late' });
        });
      };
    });
    const answer = closing.fetch('/demo/hello');
    await began;
    const closed = closing.close();
    await expect(closing.fetch('/health')).rejects.toThrow();
    finish();
    expect(await (await answer).json()).toMatchObject({ data: 'late' });
    await closed;
    await closing.close();
  });

  it('cuts off what does not end', async () => {
    const closing = await startTestServer({ limits: { closeGraceMs: 50 } });
    await closing.deploy('/demo');
    const began = new Promise<void>((resolve) => {
      closing.cloud.onCall = () => {
        resolve();
        return new Promise(() => {});
      };
    });
    const answer = closing.fetch('/demo/hello').catch((error: unknown) => error);
    await began;
    await closing.close();
    expect(await answer).toBeInstanceOf(Error);
  });
});
