import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { bodyOf, type PassGround } from './pass-ground.ts';
import { startRawService, startService } from './proxy.ts';

/** Ends before their time, of clients, services and connections, and what of it is asked of another one. */
export function cutExchanges({ startProxy, kept, closingAtTheSecond, serving, answering }: PassGround): void {
  describe('an end before its time', () => {
    it('of the client ends the request to the service', async () => {
      const gone = new Promise<void>((resolve) => {
        void serving((request) => request.socket.once('close', () => resolve())).then((proxy) => {
          const socket = connect(proxy.port, '127.0.0.1');
          socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
          setImmediate(function look() {
            if (socket.bytesWritten > 0 && socket.writableLength === 0) socket.destroy();
            else setImmediate(look);
          });
        });
      });
      await gone;
    });

    it.each([
      ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
      ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
    ])('of an answer with %s is no whole answer', async (_name, bytes) => {
      const service = await kept(startRawService((socket) => socket.write(bytes, () => socket.end())));
      const proxy = await kept(startProxy({ host: '127.0.0.1', port: service.port }));
      const answer = await fetch(proxy.url).catch(() => null);
      await expect(answer === null ? Promise.reject(new Error('cut')) : answer.text()).rejects.toThrow();
      expect(proxy.passed).toMatchObject([{ outcome: 'serviceGone' }]);
    });

    it('without an answer is SERVICE_BROKE_OFF', async () => {
      const service = await kept(startRawService((socket) => socket.end()));
      const proxy = await kept(startProxy({ host: '127.0.0.1', port: service.port }));
      const answer = await fetch(proxy.url);
      expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
        502,
        'SERVICE_BROKE_OFF',
      ]);
    });

    it('without an answer is asked of one other, where asking twice is harmless', async () => {
      const silent = await kept(startRawService((socket) => socket.end()));
      const second = await kept(startRawService((socket) => socket.end()));
      const service = await kept(startService((_request, response) => response.end('here')));
      const where = (port: number) => ({ host: '127.0.0.1', port });
      const proxy = await kept(startProxy(where(silent.port), { others: [where(service.port)] }));
      expect(await (await fetch(proxy.url)).text()).toBe('here');
      expect((await fetch(proxy.url, { method: 'POST' })).status).toBe(502);
      const hopeless = await kept(
        startProxy(where(silent.port), { others: [where(second.port), where(service.port)] }),
      );
      expect((await fetch(hopeless.url)).status).toBe(502);
    });

    it('of a service that is not there is SERVICE_UNREACHABLE', async () => {
      const service = await startService(() => {});
      await service.close();
      const tcp = await kept(startProxy({ host: '127.0.0.1', port: service.port }));
      const unix = await kept(startProxy({ socketPath: '/nonexistent/web.sock' }));
      for (const { url } of [tcp, unix]) {
        const answer = await fetch(url, { method: 'POST', body: 'x' });
        expect(answer.status).toBe(503);
        expect(await answer.json()).toMatchObject({ error: { code: 'SERVICE_UNREACHABLE' } });
      }
    });

    it('of a connection gives the request to another one, whole, whatever its method', async () => {
      const gone = await startService(() => {});
      await gone.close();
      const there = await kept(startService(async (request, response) => response.end(await bodyOf(request))));
      const others = [
        { host: '127.0.0.1', port: gone.port },
        { host: '127.0.0.1', port: there.port },
      ];
      const proxy = await kept(startProxy({ socketPath: '/nonexistent/web.sock' }, { others }));
      const large = randomBytes(300_000).toString('hex');
      for (const body of ['x', large]) {
        const answer = await fetch(proxy.url, { method: 'POST', body });
        expect([answer.status, (await answer.text()) === body]).toEqual([200, true]);
      }
      expect((await fetch(proxy.url)).status).toBe(200);
      expect(proxy.passed.map(({ requestBytes }) => requestBytes)).toEqual([1, large.length, 0]);
    });

    it('of every connection is SERVICE_UNREACHABLE', async () => {
      const others = [{ socketPath: '/nonexistent/other.sock' }];
      const proxy = await kept(startProxy({ socketPath: '/nonexistent/web.sock' }, { others }));
      const answer = await fetch(proxy.url, { method: 'POST', body: 'x' });
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ error: { code: 'SERVICE_UNREACHABLE' } });
    });

    it('of the service’s time is SERVICE_TIMEOUT, and ends its request', async () => {
      let closed: Promise<unknown> = Promise.resolve();
      const proxy = await serving(
        (request) => {
          closed = once(request.socket, 'close');
        },
        { answerTimeoutMs: 30 },
      );
      const answer = await fetch(proxy.url);
      expect(answer.status).toBe(504);
      expect(await answer.json()).toMatchObject({ error: { code: 'SERVICE_TIMEOUT' } });
      await closed;
    });
  });

  describe('connections to the service', () => {
    it('are used again', async () => {
      const sockets = new Set<Socket>();
      const proxy = await serving((request, response) => {
        sockets.add(request.socket);
        response.end('x');
      });
      for (let i = 0; i < 5; i += 1) await (await fetch(proxy.url)).text();
      expect(sockets.size).toBe(1);
    });

    it('that the service closed meanwhile are replaced, and what may be sent twice is', async () => {
      const { proxy, service, asked } = await closingAtTheSecond();
      expect((await fetch(proxy.url)).status).toBe(200);
      expect((await fetch(proxy.url)).status).toBe(200);
      expect(service.seen).toHaveLength(2);
      expect(asked()).toBe(3);
    });

    it('that break under a request which must not be sent twice end in an error', async () => {
      const { proxy, asked } = await closingAtTheSecond();
      expect((await fetch(proxy.url, { method: 'POST' })).status).toBe(200);
      expect((await fetch(proxy.url, { method: 'POST' })).status).toBe(502);
      expect(asked()).toBe(2);
    });

    it('on which more came than was asked for are used no more', async () => {
      const { proxy, service } = await answering(
        'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen',
      );
      const agent = new Agent({ keepAlive: true });
      for (let i = 0; i < 3; i += 1) {
        const sent = httpRequest(proxy.url, { agent }).end();
        const [answer] = (await once(sent, 'response')) as [IncomingMessage];
        expect((await bodyOf(answer)).toString()).toBe('x');
      }
      agent.destroy();
      expect(service.seen).toHaveLength(3);
    });
  });
}
