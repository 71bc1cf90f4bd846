import { describe, expect, it } from 'vitest';
import { readPlainHead } from '../../../../adapters/http/plain/plain-head.ts';

const read = (text: string) => readPlainHead(Buffer.from(text, 'latin1'));
const host = 'Host: localhost\r\n';

describe('a plain head', () => {
  it('is read with its headers as they came, and by name', () => {
    const head = `POST /demo/hello?x=1 HTTP/1.1\r\n${host}Content-Length: 2\r\nX-Empty:\r\nx-Blanks: \t a b \t\r\n\r\n`;
    expect(read(`${head}{}`)).toEqual({
      method: 'POST',
      url: '/demo/hello?x=1',
      headers: { host: 'localhost', 'content-length': '2', 'x-empty': '', 'x-blanks': 'a b' },
      rawHeaders: ['Host', 'localhost', 'Content-Length', '2', 'X-Empty', '', 'x-Blanks', 'a b'],
      keepAlive: true,
      size: head.length,
      length: 2,
    });
  });

  it.each([
    ['', true],
    ['Connection: Keep-Alive\r\n', true],
    ['Connection: close\r\n', false],
  ])('with %j says whether another request may follow', (line, keepAlive) => {
    expect(read(`GET / HTTP/1.1\r\n${host}${line}\r\n`)?.keepAlive).toBe(keepAlive);
  });
});

describe('a head is left to the general way', () => {
  const get = (headers: string, line = 'GET /x HTTP/1.1') => `${line}\r\n${headers}\r\n`;
  const post = (headers: string) => get(host + headers, 'POST /x HTTP/1.1');
  it.each([
    ['that is not whole', `GET /x HTTP/1.1\r\n${host}`],
    ['after an empty line', `\r\n${get(host)}`],
    ['of another method', get(host, 'HEAD /x HTTP/1.1')],
    ['of a method in small letters', get(host, 'get /x HTTP/1.1')],
    ['of HTTP/1.0', get(host, 'GET /x HTTP/1.0')],
    ['of HTTP/1.10', get(host, 'GET /x HTTP/1.10')],
    ['with two spaces in its line', get(host, 'GET  /x HTTP/1.1')],
    ['with a tab in its line', get(host, 'GET\t/x HTTP/1.1')],
    ['with a blank behind its line', get(host, 'GET /x HTTP/1.1 ')],
    ['for an absolute address', get(host, 'GET http://a/x HTTP/1.1')],
    ['for an asterisk', get(host, 'OPTIONS * HTTP/1.1')],
    ['for an address with a fragment', get(host, 'GET /x#y HTTP/1.1')],
    ['for an address that is no ASCII', get(host, 'GET /\xe9 HTTP/1.1')],
    ['without a host', get('X: 1\r\n')],
    ['with an empty host', get('Host:\r\n')],
    ['with a host that is none', get('Host: a/b\r\n')],
    ['with two hosts', get(`${host}host: localhost\r\n`)],
    ['with any header twice', get(`${host}X: 1\r\nx: 1\r\n`)],
    ['with a bare LF', `GET /x HTTP/1.1\r\n${host}X: 1\nY: 2\r\n\r\n`],
    ['with a bare CR', get(`${host}X: 1\rY: 2\r\n`)],
    ['with a NUL', get(`${host}X: a\0b\r\n`)],
    ['with bytes over ASCII', get(`${host}X: \xe9\r\n`)],
    ['with a folded line', get(`${host}X: 1\r\n 2\r\n`)],
    ['with a space before a colon', get('Host : localhost\r\n')],
    ['with a line without a colon', get(`${host}X\r\n`)],
    ['with a line without a name', get(`${host}: x\r\n`)],
    ['with an underscore in a name', get(`${host}Content_Length: 3\r\n`)],
    ['with a name that JavaScript knows', get(`${host}__proto__: x\r\n`)],
    ['with chunks', post('Transfer-Encoding: chunked\r\n')],
    ['with Expect', post('Expect: 100-continue\r\nContent-Length: 1\r\n')],
    ['with Upgrade', get(`${host}Upgrade: websocket\r\n`)],
    ['with a wish for its connection', get(`${host}Connection: X-Mine\r\n`)],
    ['with trailers', post('Trailer: X\r\n')],
    ['with two lengths', post('Content-Length: 1\r\nContent-Length: 1\r\n')],
    ['with an empty length', post('Content-Length:\r\n')],
    ['with a length and a sign', post('Content-Length: +1\r\n')],
    ['with a length and a zero before it', post('Content-Length: 01\r\n')],
    ['with a list of lengths', post('Content-Length: 1, 1\r\n')],
    ['with a length in hex', post('Content-Length: 0x1\r\n')],
    ['with a length beyond counting', post('Content-Length: 9999999999\r\n')],
    ['of a GET with a body', get(`${host}Content-Length: 1\r\n`)],
    ['with many headers', get(host + Array.from({ length: 50 }, (_, i) => `X-${i}: 1\r\n`).join(''))],
    ['that is long', get(`${host}X: ${'x'.repeat(9_000)}\r\n`)],
  ])('%s', (_name, text) => {
    expect(read(text)).toBeNull();
  });
});
