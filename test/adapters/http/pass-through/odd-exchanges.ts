import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listedNames } from '../../../../adapters/http/pass-through/header-kinds.ts';
import { get, type PassGround } from './pass-ground.ts';
import { raw } from './proxy.ts';

/** Answers that are none, oddities in headers, and many requests or chunks at once. */
export function oddExchanges({ ends, serving, answering }: PassGround): void {
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
