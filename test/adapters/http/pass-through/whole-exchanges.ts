import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { bodyOf, get, type PassGround } from './pass-ground.ts';
import { raw, startRawService, until } from './proxy.ts';

/** Requests and answers that come to their end: what of them arrives, and when. */
export function wholeExchanges({ startProxy, kept, serving, answering }: PassGround): void {
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
}
