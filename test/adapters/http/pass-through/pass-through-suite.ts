import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listedNames } from '../../../../adapters/http/pass-through/header-kinds.ts';
import { keeping, raw, startProxy as start, startRawService, startService, type TestProxy, until } from './proxy.ts';

/** @param plain requests that are plain are read and answered without Node's HTTP */
export function passThroughSuite(plain: boolean): void {
  const startProxy: typeof start = (address, options) => start(address, { plain, ...options });
  const { ends, kept } = keeping();

  /** A proxy in front of a service whose connection ends with the second request that comes to it. */
  async function closingAtTheSecond() {
    let asked = 0;
    const service = await kept(
      startRawService((socket) => {
        asked += 1;
        if (asked === 2) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
      }),
    );
    const proxy = await kept(startProxy({ host: '127.0.0.1', port: service.port }));
    return { proxy, service, asked: () => asked };
  }

  /** A proxy in front of a function. */
  async function serving(
    handle: Parameters<typeof startService>[0],
    options: Parameters<typeof startProxy>[1] = {},
  ): Promise<TestProxy> {
    const service = await kept(startService(handle));
    return kept(startProxy({ host: '127.0.0.1', port: service.port }, options));
  }

  /** A proxy in front of bytes. */
  async function answering(bytes: string, options: Parameters<typeof startProxy>[1] = {}) {
    const service = await kept(
      startRawService((socket, text) => {
        if (text.endsWith('\r\n\r\n')) socket.write(bytes, 'latin1');
      }),
    );
    const proxy = await kept(startProxy({ host: '127.0.0.1', port: service.port }, options));
    return { service, proxy };
  }

  async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  }

  const get = 'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n';

  describe('a request', () => {
    it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
      'by %s arrives with its body',
      async (method) => {
        const proxy = await serving(async (request, response) => {
          const body = await bodyOf(request);
          response.writeHead(207, 'Just So', { 'X-Echo': request.method ?? '' }).end(`${request.url} ${body}`);
        });
        const sent = httpRequest(`${proxy.url}/a%2Fb/../c?x=1&y=%20`, { method, headers: { 'content-length': 5 } });
        sent.end('hello');
        const [answer] = (await once(sent, 'response')) as [IncomingMessage];
        expect(answer.statusCode).toBe(207);
        expect(answer.statusMessage).toBe('Just So');
        expect(answer.headers['x-echo']).toBe(method);
        expect((await bodyOf(answer)).toString()).toMatch(/^\/(a%2Fb\/\.\.\/)?c\?x=1&y=%20 hello$/);
      },
    );

    it('of unknown length arrives in chunks, with its trailers', async () => {
      const proxy = await serving(async (request, response) => {
        const body = await bodyOf(request);
        const { 'x-sum': sum, cookie = 'no cookie' } = request.trailers;
        response.end(`${request.headers['transfer-encoding']} ${body} ${sum} ${cookie}`);
      });
      const text = await raw(
        proxy.port,
        'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, Cookie\r\n\r\n',
        '3\r\nabc\r\n',
        '4;x=y\r\ndefg\r\n0\r\nX-Sum: 7\r\nCookie: 3\r\n\r\n',
      );
      expect(text).toContain('chunked abcdefg 7 no cookie');
    });

    it('loses the headers of its connection, also those that Connection lists', async () => {
      const { proxy, service } = await answering('HTTP/1.1 204 Fine\r\n\r\n');
      await raw(
        proxy.port,
        'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close, X-Mine, Host\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nX_Forwarded_For: 6.6.6.6\r\nProxy: evil\r\nX-Kept: 1\r\n\r\n',
      );
      const [head = ''] = service.seen;
      expect(head).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: a\.test\r\nX-Kept: 1\r\n/);
      expect(head).not.toMatch(/x-mine|keep-alive|proxy|6\.6\.6\.6|connection/i);
    });

    it('keeps the order, spelling and repetition of its headers', async () => {
      const { proxy, service } = await answering('HTTP/1.1 204 Fine\r\n\r\n');
      await raw(proxy.port, 'GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx-A: 1\r\nX-b: \xe9\r\nX-A: 2\r\n\r\n');
      expect(service.seen[0]).toContain('x-A: 1\r\nX-b: \xe9\r\nX-A: 2\r\n');
    });

    it('says who asked and how', async () => {
      const { proxy, service } = await answering('HTTP/1.1 204 Fine\r\n\r\n', { prefix: '/app' });
      await raw(proxy.port, 'GET /x HTTP/1.1\r\nHost: a.test:8000\r\nConnection: close\r\n\r\n');
      expect(service.seen[0]).toContain(
        'X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test:8000\r\nX-Forwarded-Port: 8000\r\nX-Forwarded-Prefix: /app\r\nForwarded: for=127.0.0.1;host="a.test:8000";proto=http\r\nVia: 1.1 ploinky\r\n',
      );
    });

    it('adds to what a proxy on this machine said', async () => {
      const { proxy, service } = await answering('HTTP/1.1 204 Fine\r\n\r\n', { prefix: '/app' });
      await raw(
        proxy.port,
        'GET /x HTTP/1.1\r\nHost: inner\r\nConnection: close\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: outer.test\r\nX-Forwarded-Prefix: /out/\r\nVia: 2 front\r\n\r\n',
      );
      expect(service.seen[0]).toContain(
        'X-Forwarded-For: 1.2.3.4, 127.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: outer.test\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Prefix: /out/app\r\nForwarded: for=127.0.0.1;host="inner";proto=https\r\nVia: 2 front, 1.1 ploinky\r\n',
      );
    });

    it('withholds what is not for the service', async () => {
      const withhold = (name: string, value: string) => (name === 'x-api-key' ? null : value.replace('ours', ''));
      const { proxy, service } = await answering('HTTP/1.1 204 Fine\r\n\r\n', { withhold });
      await raw(
        proxy.port,
        'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-API-Key: k\r\nCookie: ours; b=2\r\n\r\n',
      );
      expect(service.seen[0]).toContain('Cookie: ; b=2\r\n');
      expect(service.seen[0]).not.toContain('X-API-Key');
    });
  });

  describe('an answer', () => {
    it('is passed on while it is being made', async () => {
      const proxy = await serving((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        setImmediate(() => response.write('data: 1\n\n'));
      });
      const socket = connect(proxy.port, '127.0.0.1');
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      expect(await until(socket, /data: 1/)).toMatch(/200 OK[\s\S]*text\/event-stream/);
      socket.destroy();
      expect(await proxy.next()).toMatchObject({ status: 200, outcome: 'clientGone', responseBytes: 9 });
    });

    it('has its headers sent before it has said anything', async () => {
      const proxy = await serving((_request, response) => response.flushHeaders());
      const socket = connect(proxy.port, '127.0.0.1');
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      expect(await until(socket, /\r\n\r\n/)).toMatch(/^HTTP\/1\.1 200 OK/);
      socket.destroy();
    });

    it.each([
      ['HEAD with a length', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n', /Content-Length: 10\r\n/],
      ['204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n', /^HTTP\/1\.1 204 No Content/],
      ['304 with a length', 'GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\nETag: "x"\r\n\r\n', /ETag: "x"/],
    ])('to %s has no body', async (_name, method, bytes, expected) => {
      const { proxy } = await answering(bytes);
      const text = await raw(proxy.port, `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      expect(text).toMatch(expected);
      expect(text.endsWith('\r\n\r\n')).toBe(true);
      expect(proxy.passed).toMatchObject([{ outcome: 'whole', responseBytes: 0 }]);
    });

    it('in chunks comes in chunks, with its trailers', async () => {
      const { proxy } = await answering(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n1;q="x"\r\nd\r\n0\r\nX-Sum: 4\r\nContent-Length: 9\r\n\r\n',
      );
      const text = await raw(proxy.port, get);
      expect(text).toMatch(/Trailer: X-Sum\r\n[\s\S]*\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\nX-Sum: 4\r\n\r\n$/);
    });

    it('in chunks reaches a client of HTTP/1.0 without them', async () => {
      const { proxy } = await answering(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      );
      expect(await raw(proxy.port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n')).toMatch(
        /^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\nabc$/,
      );
    });

    it('that ends with its connection is whole', async () => {
      const service = await kept(startRawService((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nall of it')));
      const proxy = await kept(startProxy({ host: '127.0.0.1', port: service.port }));
      expect(await raw(proxy.port, get)).toContain('all of it');
      expect(proxy.passed).toMatchObject([{ outcome: 'whole' }]);
    });

    it('loses the headers of its connection', async () => {
      const { proxy } = await answering(
        'HTTP/1.1 200 OK\r\nConnection: X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=3\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n',
      );
      const text = await raw(proxy.port, get);
      expect(text).toContain('Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n');
      expect(text).not.toMatch(/x-mine|timeout=3/i);
    });

    it('is preceded by early hints', async () => {
      const { proxy } = await answering(
        'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload; as=style\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      );
      const text = await raw(proxy.port, get);
      expect(text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>[\s\S]*HTTP\/1\.1 200 OK[\s\S]*ok$/);
    });

    it('to a range is the service’s own', async () => {
      const proxy = await serving((request, response) => {
        response
          .writeHead(206, { 'content-range': 'bytes 2-4/10', 'content-length': 3 })
          .end(request.headers.range?.slice(-3));
      });
      const answer = await fetch(proxy.url, { headers: { range: 'bytes=2-4' } });
      expect([answer.status, answer.headers.get('content-range'), await answer.text()]).toEqual([
        206,
        'bytes 2-4/10',
        '2-4',
      ]);
    });

    it('to a slow reader waits in the service', async () => {
      let written = 0;
      let whole = () => {};
      const full = new Promise<void>((resolve) => {
        whole = resolve;
      });
      const proxy = await serving((_request, response) => {
        const piece = Buffer.alloc(1 << 20);
        const write = () => {
          while (written < 200) {
            written += 1;
            if (!response.write(piece)) {
              whole();
              response.once('drain', write);
              return;
            }
          }
          response.end();
        };
        write();
      });
      const sent = httpRequest(proxy.url).end();
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      await full;
      // Nobody reads: what fits into the system's buffers and ours has been written, and then no more.
      let before = -1;
      while (before !== written) {
        before = written;
        for (let turns = 0; turns < 200; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      }
      expect(written).toBeLessThan(100);
      let bytes = 0;
      for await (const piece of answer) bytes += (piece as Buffer).length;
      expect(bytes).toBe(200 << 20);
    });
  });

  describe('a large upload', () => {
    it('goes through without being held', async () => {
      const proxy = await serving((request, response) => {
        const hash = createHash('sha256');
        request.on('data', (piece: Buffer) => hash.update(piece));
        request.on('end', () => response.end(hash.digest('hex')));
      });
      const piece = randomBytes(1 << 20);
      const hash = createHash('sha256');
      const sent = httpRequest(proxy.url, { method: 'PUT', headers: { 'content-length': 200 << 20 } });
      const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
      const rss = process.memoryUsage().rss;
      let most = 0;
      for (let i = 0; i < 200; i += 1) {
        hash.update(piece);
        if (!sent.write(piece)) await once(sent, 'drain');
        most = Math.max(most, process.memoryUsage().rss - rss);
      }
      sent.end();
      expect((await bodyOf((await answered)[0])).toString()).toBe(hash.digest('hex'));
      // Client, proxy and service share this process; a body that is held would need its 200 MiB at least once.
      expect(most).toBeLessThan(150 << 20);
    });

    it('that is refused early does not keep the answer from the client', async () => {
      const proxy = await serving((_request, response) => {
        response.writeHead(413, { connection: 'close', 'content-length': 8 }).end('too much');
      });
      const socket = connect(proxy.port, '127.0.0.1');
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc');
      expect(await until(socket, /too much/)).toMatch(/^HTTP\/1\.1 413/);
      socket.destroy();
    });
  });

  describe('Expect: 100-continue', () => {
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n';

    it('is the service’s to answer', async () => {
      const proxy = await serving(async (request, response) => {
        response.end(`got ${await bodyOf(request)}`);
      });
      const socket = connect(proxy.port, '127.0.0.1');
      socket.write(head);
      expect(await until(socket, /\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
      socket.write('abc');
      expect(await until(socket, /got/)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*got abc/);
    });

    it('refused keeps the client from sending', async () => {
      const { proxy, service } = await answering('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno');
      const text = await raw(proxy.port, head.replace('Connection: close\r\n', ''));
      expect(text).toMatch(/^HTTP\/1\.1 403 No[\s\S]*Connection: close[\s\S]*no$/);
      expect(service.seen[0]).toMatch(/Expect: 100-continue/);
    });
  });

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

  describe('what is no valid answer', () => {
    it.each([
      ['noise', 'SSH-2.0-x\r\n\r\n'],
      ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
      ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na'],
      ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
      ['another encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
      ['a bare LF', 'HTTP/1.1 200 OK\nX: 1\r\nContent-Length: 0\r\n\r\n'],
      ['a bare CR', 'HTTP/1.1 200 OK\r\nX: 1\rY: 2\r\nContent-Length: 0\r\n\r\n'],
      ['a folded line', 'HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\nContent-Length: 0\r\n\r\n'],
      ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n'],
      ['a NUL', 'HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 0\r\n\r\n'],
      ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
      ['an odd version', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
      ['a switch that nobody asked for', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n'],
      ['headers without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`],
    ])('%s is SERVICE_BAD_ANSWER', async (_name, bytes) => {
      const { proxy } = await answering(bytes);
      const answer = await fetch(proxy.url);
      expect(answer.status).toBe(502);
      expect(await answer.json()).toMatchObject({ error: { code: 'SERVICE_BAD_ANSWER' } });
    });

    it.each([
      ['a chunk without a size', 'zz\r\n'],
      ['a chunk longer than it says', '1\r\nab\r\n0\r\n\r\n'],
      ['a chunk line with a bare LF', '1\na\r\n0\r\n\r\n'],
    ])('%s cuts the answer', async (_name, chunks) => {
      const { proxy } = await answering(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
      const answer = await fetch(proxy.url).catch(() => null);
      await expect(answer === null ? Promise.reject(new Error('cut')) : answer.text()).rejects.toThrow();
    });
  });

  describe('listeners', () => {
    it('do not pile up, however many requests or chunks come at once', async () => {
      const warnings: Error[] = [];
      const note = (warning: Error) => warnings.push(warning);
      process.on('warning', note);
      ends.push(async () => void process.off('warning', note));
      const proxy = await serving((request, response) => {
        request.resume();
        // Far more than anybody takes at once, in the smallest of chunks.
        if (request.url === '/chunks') for (let i = 0; i < 50_000; i += 1) response.write('x');
        response.end('end');
      });
      const many = `GET / HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(30);
      const text = await raw(proxy.port, many + get);
      expect(text.match(/200 OK/g)).toHaveLength(31);
      expect(await (await fetch(`${proxy.url}/chunks`)).text()).toHaveLength(50_003);
      expect(warnings.map(({ message }) => message)).toEqual([]);
    });
  });

  describe('an early hint that Node would not send', () => {
    it('is left out, and the answer comes all the same', async () => {
      const { proxy } = await answering(
        'HTTP/1.1 103 Early Hints\r\nLink: not a link\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      );
      expect(await raw(proxy.port, get)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*ok$/);
    });

    it('keeps nobody busy, however many parameters come before what is wrong with it', async () => {
      const { proxy } = await answering(
        `HTTP/1.1 103 Early Hints\r\nLink: <x>${'; a=b'.repeat(26)}"\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`,
      );
      expect(await raw(proxy.port, get)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*ok$/);
    });
  });

  describe('blanks in the middle of a header, however many,', () => {
    it('keep nobody busy in an answer', async () => {
      const { proxy } = await answering(
        `HTTP/1.1 102 Processing\r\nX: a${' '.repeat(60_000)}b\r\n\r\n`.repeat(20) +
          `HTTP/1.1 200 OK\r\nX: a \t b\t \r\nContent-Length: 2\r\n\r\nok`,
      );
      expect(await raw(proxy.port, get)).toMatch(/^HTTP\/1\.1 200 OK\r\nX: a \t b\r\n[\s\S]*ok$/);
    });

    it('keep nobody busy in the Connection header of a request', () => {
      const began = process.cpuUsage();
      const value = `a${' '.repeat(60_000)}b, X-Mine `;
      for (let i = 0; i < 20; i += 1) expect(listedNames(value)?.at(-1)).toBe('x-mine');
      expect(process.cpuUsage(began).user).toBeLessThan(10_000_000);
    });
  });

  describe('requests in a row on one connection', () => {
    it('all end in the service when the client goes away, also those whose answer waits', async () => {
      const ended: Promise<unknown>[] = [];
      let both = () => {};
      const arrived = new Promise<void>((resolve) => {
        both = resolve;
      });
      const proxy = await serving((request) => {
        ended.push(once(request.socket, 'close'));
        if (ended.length === 2) both();
      });
      const socket = connect(proxy.port, '127.0.0.1');
      socket.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
      await arrived;
      socket.destroy();
      await Promise.all(ended);
    });

    it('are answered in their order', async () => {
      const proxy = await serving((request, response) => {
        const answer = () => response.end(request.url);
        // The first takes longest.
        if (request.url === '/1') setImmediate(() => setImmediate(answer));
        else answer();
      });
      const text = await raw(
        proxy.port,
        'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxxGET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      );
      expect(
        text
          .match(/\/\d/g)
          ?.filter((one) => one !== '/1' || true)
          .join(''),
      ).toContain('/1');
      expect(text.indexOf('\r\n/1')).toBeLessThan(text.indexOf('\r\n/2'));
      expect(text.indexOf('\r\n/2')).toBeLessThan(text.indexOf('\r\n/3'));
    });
  });
}
