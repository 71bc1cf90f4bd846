import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { endTunnels } from '../../../../adapters/http/pass-through/tunnel.ts';
import { keeping, raw, startProxy, startRawService, startService, type TestProxy, until } from './proxy.ts';

const { ends, kept } = keeping();

async function echoing(options: { verify?: boolean } = {}): Promise<TestProxy> {
  const service = await kept(startService((_request, response) => response.end('plain')));
  const sockets = new WebSocketServer({
    server: service.server,
    handleProtocols: () => 'chat',
    ...(options.verify === false
      ? {
          verifyClient: (_: unknown, done: (ok: boolean, code: number, name: string) => void) =>
            done(false, 401, 'No entry'),
        }
      : {}),
  });
  sockets.on('connection', (socket, request) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.send(`welcome from ${request.url} for ${request.headers['x-forwarded-for']}`);
  });
  ends.push(async () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  });
  return kept(startProxy({ host: '127.0.0.1', port: service.port }));
}

const handshake =
  'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

describe('a WebSocket', () => {
  it('goes through in both directions, with its protocol', async () => {
    const proxy = await echoing();
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/room?x=1`, ['chat']);
    const [welcome] = await once(socket, 'message');
    expect(String(welcome)).toBe('welcome from /room?x=1 for 127.0.0.1');
    expect(socket.protocol).toBe('chat');
    const large = Buffer.alloc(5 << 20, 'x');
    socket.send(large);
    const [back, isBinary] = await once(socket, 'message');
    expect(isBinary).toBe(true);
    expect((back as Buffer).equals(large)).toBe(true);
    const passed = proxy.next();
    socket.close(1000, 'done');
    expect((await once(socket, 'close'))[0]).toBe(1000);
    const { status, outcome, requestBytes, responseBytes } = await passed;
    expect({ status, outcome }).toEqual({ status: 101, outcome: 'whole' });
    expect(requestBytes).toBeGreaterThan(5 << 20);
    expect(responseBytes).toBeGreaterThan(5 << 20);
  });

  it('that the service refuses gets the service’s answer', async () => {
    const proxy = await echoing({ verify: false });
    expect(await raw(proxy.port, handshake)).toMatch(/^HTTP\/1\.1 401 Unauthorized[\s\S]*No entry$/);
    expect(proxy.passed).toMatchObject([{ status: 401, outcome: 'whole' }]);
  });

  it('to a service that is not there is SERVICE_UNREACHABLE', async () => {
    const proxy = await kept(startProxy({ socketPath: '/nonexistent/web.sock' }));
    expect(await raw(proxy.port, handshake)).toMatch(/^HTTP\/1\.1 503[\s\S]*SERVICE_UNREACHABLE/);
  });

  it('to a service that never answers is SERVICE_TIMEOUT', async () => {
    const service = await kept(startRawService(() => {}));
    const proxy = await kept(startProxy({ host: '127.0.0.1', port: service.port }, { answerTimeoutMs: 30 }));
    expect(await raw(proxy.port, handshake)).toMatch(/^HTTP\/1\.1 504[\s\S]*SERVICE_TIMEOUT/);
  });

  it('ends on both sides when the service is gone', async () => {
    const service = await kept(
      startRawService((socket, text) => {
        if (text.endsWith('bye')) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      }),
    );
    const proxy = await kept(startProxy({ host: '127.0.0.1', port: service.port }));
    const socket = connect(proxy.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(handshake);
    await until(socket, /\r\n\r\n/);
    const gone = proxy.next();
    socket.write('bye');
    const [passed] = await Promise.all([gone, once(socket, 'close')]);
    expect(passed).toMatchObject({ status: 101, outcome: 'serviceGone' });
  });

  it('may end on one side while the other goes on', async () => {
    const service = await kept(
      startRawService((socket, text) => {
        if (text.endsWith('\r\n\r\n')) {
          socket.write('HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
          socket.once('end', () => socket.write('after the end'));
        }
      }),
    );
    const proxy = await kept(startProxy({ host: '127.0.0.1', port: service.port }));
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write(handshake);
    await until(socket, /\r\n\r\n/);
    const rest = until(socket, /after the end/);
    socket.end();
    expect(await rest).toBe('after the end');
    socket.destroy();
  });

  it('ends with the server', async () => {
    const proxy = await echoing();
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/`);
    await once(socket, 'message');
    const closed = once(socket, 'close');
    const passed = proxy.next();
    endTunnels(proxy.sockets, 0);
    await closed;
    expect(await passed).toMatchObject({ status: 101 });
  });

  it('sends nothing on before the service agreed', async () => {
    const service = await kept(
      startRawService((socket, text) => {
        if (text.endsWith('\r\n\r\n')) socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    const proxy = await kept(startProxy({ host: '127.0.0.1', port: service.port }));
    const text = await raw(proxy.port, `${handshake}GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(text.match(/HTTP\/1\.1 404/g)).toHaveLength(1);
    expect(service.seen.join('')).not.toContain('hidden');
  });
});
