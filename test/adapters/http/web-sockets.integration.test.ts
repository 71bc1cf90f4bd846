import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { raw, webServiceGround } from './web-service-ground.ts';

const { gateway, serving } = webServiceGround();

describe('a WebSocket', () => {
  it('reaches its service through the gateway', async () => {
    const { server, app } = await serving('/chat');
    const sockets = new WebSocketServer({ server: app });
    sockets.on('connection', (socket, request) =>
      socket.send(`${request.url} ${request.headers['x-forwarded-prefix']}`),
    );
    const socket = new WebSocket(`ws://localhost:${server.port}/chat/room`);
    const [greeting] = await once(socket, 'message');
    expect(String(greeting)).toBe('/room /chat');
    const closed = once(socket, 'close');
    await server.close();
    await closed;
  });

  it.each([
    ['an agent, which answers as ever', '/agent/hello', /^HTTP\/1\.1 200[\s\S]*"success":true/],
    ['management, which answers as ever', '/health', /^HTTP\/1\.1 200/],
    ['nothing', '/nothing/here', /^HTTP\/1\.1 404[\s\S]*DEPLOYMENT_NOT_FOUND/],
  ])('is no matter of %s', async (_name, at, expected) => {
    const server = await gateway();
    await server.deploy('/agent');
    const text = await raw(
      server.port,
      `GET ${at} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    expect(text).toMatch(expected);
  });

  it('wants a login where others do', async () => {
    const { server } = await serving('/chat');
    await server.send('POST', '/management/api/settings', { enableAuth: true });
    const text = await raw(
      server.port,
      'GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(text).toMatch(/^HTTP\/1\.1 401[\s\S]*UNAUTHORIZED/);
  });

  it('that is none but HTTP/2 is answered with HTTP/1.1, body and all', async () => {
    const { server } = await serving('/app', {
      handle: (request, response) => {
        let text = '';
        request.on('data', (piece) => {
          text += piece;
        });
        request.on('end', () => response.end(`got ${text} ${request.headers.upgrade}`));
      },
    });
    const head =
      'Host: localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';
    expect(await raw(server.port, `POST /app HTTP/1.1\r\n${head}Content-Length: 5\r\n\r\nhello`)).toContain(
      'got hello undefined',
    );
    expect(
      await raw(server.port, `POST /app HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`),
    ).toContain('got abc undefined');
  });
});
