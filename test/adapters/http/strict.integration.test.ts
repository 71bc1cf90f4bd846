import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';
import { raw } from './web-service-ground.ts';

let server: TestServer;
/** Whatever the web service was asked. */
let arrived: string[] = [];
const app = createServer((request, response) => {
  arrived.push(`${request.method} ${request.url}`);
  request.resume();
  request.on('end', () => response.end('ok'));
});

beforeAll(async () => {
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  server = await startTestServer();
  const { port } = app.address() as AddressInfo;
  await server.deploy('/app', 'localhost', { port, manifest: { web: { port: 3000, prefix: 'strip' } } });
  await server.deploy('/agent');
});
afterAll(async () => {
  await server.close();
  app.closeAllConnections();
  app.close();
});

/** Everything that came until the server ended the connection. */
function asked(text: string): Promise<string> {
  arrived = [];
  return raw(server.port, text);
}

const host = 'Host: localhost\r\n';
const chunked = 'Transfer-Encoding: chunked\r\n';
/** Would be an answer of its own if anybody took it for a request. */
const hidden = 'GET /app/hidden HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Refused by Node's parser or by us: what matters is that nobody sees two different requests in them. */
const cases: readonly (readonly [name: string, request: string, status: number])[] = (
  [
    ['a length and chunks', `POST AT HTTP/1.1\r\n${host}Content-Length: 3\r\n${chunked}\r\n0\r\n\r\n`],
    ['chunks and a length', `POST AT HTTP/1.1\r\n${host}${chunked}Content-Length: 3\r\n\r\n0\r\n\r\n`],
    ['two lengths that differ', `POST AT HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 2\r\n\r\nabc`],
    ['two lengths that are equal', `POST AT HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`],
    ['a list of lengths', `POST AT HTTP/1.1\r\n${host}Content-Length: 3, 3\r\n\r\nabc`],
    ['a length with a sign', `POST AT HTTP/1.1\r\n${host}Content-Length: +3\r\n\r\nabc`],
    ['an empty length', `POST AT HTTP/1.1\r\n${host}Content-Length: \r\n\r\nabc`],
    ['a length beyond counting', `POST AT HTTP/1.1\r\n${host}Content-Length: 99999999999999999999\r\n\r\nabc`],
    ['two encodings', `POST AT HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['chunks twice', `POST AT HTTP/1.1\r\n${host}${chunked}${chunked}\r\n0\r\n\r\n`],
    ['an unknown encoding', `POST AT HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['chunks in HTTP/1.0', `POST AT HTTP/1.0\r\n${host}${chunked}\r\n0\r\n\r\n`],
    ['a bare LF after the first line', `GET AT HTTP/1.1\n${host}\r\n`],
    ['a bare LF after a header', 'GET AT HTTP/1.1\r\nHost: localhost\nX: 1\r\n\r\n'],
    ['a bare LF as the end', 'GET AT HTTP/1.1\r\nHost: localhost\r\n\n'],
    ['a bare CR', 'GET AT HTTP/1.1\r\nHost: localhost\rX: 1\r\n\r\n'],
    ['a space before a colon', 'GET AT HTTP/1.1\r\nHost : localhost\r\n\r\n'],
    ['a folded line', `GET AT HTTP/1.1\r\n${host}X: 1\r\n 2\r\n\r\n`],
    ['a space before the first header', `GET AT HTTP/1.1\r\n X: 1\r\n${host}\r\n`],
    ['a NUL in a header', `GET AT HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`],
    ['a header without a name', `GET AT HTTP/1.1\r\n${host}: b\r\n\r\n`],
    ['two hosts', `GET AT HTTP/1.1\r\n${host}Host: other\r\n\r\n`],
    ['the same host twice', `GET AT HTTP/1.1\r\n${host}${host}\r\n`],
    ['no host', 'GET AT HTTP/1.1\r\n\r\n'],
    ['an empty host', 'GET AT HTTP/1.1\r\nHost: \r\n\r\n'],
    ['a host that is none', 'GET AT HTTP/1.1\r\nHost: local/host\r\n\r\n'],
    ['an absolute address', `GET http://localhost/app HTTP/1.1\r\n${host}\r\n`],
    ['an address with a fragment', `GET AT#x HTTP/1.1\r\n${host}\r\n`],
    ['an authority as the address', `GET localhost:80 HTTP/1.1\r\n${host}\r\n`],
    ['an asterisk', `OPTIONS * HTTP/1.1\r\n${host}\r\n`],
    ['CONNECT', `CONNECT localhost:80 HTTP/1.1\r\n${host}\r\n`],
    ['TRACE', `TRACE AT HTTP/1.1\r\n${host}\r\n`, 405],
    ['HTTP/0.9', 'GET AT\r\n\r\n'],
    ['HTTP/2.0 in words', `GET AT HTTP/2.0\r\n${host}\r\n`],
    ['headers over the limit', `GET AT HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['an address over the limit', `GET AT${'x'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`, 431],
    ['too many headers', `GET AT HTTP/1.1\r\n${host}${'X: 1\r\n'.repeat(100)}\r\n`, 431],
    [
      'too many headers before a second host',
      `GET AT HTTP/1.1\r\n${host}${'X: 1\r\n'.repeat(100)}Host: b\r\n\r\n`,
      431,
    ],
    ['bytes that are no text in the address', `GET AT\xe9 HTTP/1.1\r\n${host}\r\n`],
    ['a space in the address', `GET AT x HTTP/1.1\r\n${host}\r\n`],
  ] as const
).map(([name, request, status = 400]: readonly [string, string, number?]) => [name, request, status] as const);

describe.each(['/app', '/agent/x', '/health'])('to %s', (at) => {
  it.each(cases)('%s is refused, and what follows it is nobody’s request', async (_name, request, status) => {
    const text = await asked(request.replace('AT', at) + hidden);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(arrived).toEqual([]);
  });
});

/** Found out in the middle of a body, which for a web service is on its way already: then its answer never comes. */
const chunks: readonly (readonly [name: string, body: string])[] = [
  ['a negative size', '-1\r\n'],
  ['a size with 0x', '0x3\r\nabc\r\n0\r\n\r\n'],
  ['a size with a space', '3 \r\nabc\r\n0\r\n\r\n'],
  ['no size', '\r\nabc\r\n0\r\n\r\n'],
  ['a size beyond counting', 'fffffffffffffffff\r\nabc\r\n'],
  ['a bare LF after the size', '3\nabc\r\n0\r\n\r\n'],
  ['a bare LF after an extension', '3;a\nabc\r\n0\r\n\r\n'],
  ['a bare LF after the data', '3\r\nabc\n0\r\n\r\n'],
  ['a CR alone after the size', '3\rXabc\r\n0\r\n\r\n'],
  ['more data than it says', '3\r\nabcd\r\n0\r\n\r\n'],
  ['a line end in a quoted extension', '3;a="\r\n"\r\nabc\r\n0\r\n\r\n'],
];

describe.each(['/app', '/agent/x', '/management/api/settings'])('a chunk to %s', (at) => {
  it.each(chunks)('with %s is refused, and what follows it is nobody’s request', async (_name, body) => {
    const text = await asked(
      `POST ${at} HTTP/1.1\r\n${host}X-API-Key: ${server.apiKey}\r\n${chunked}\r\n${body}${hidden}`,
    );
    expect(text).not.toMatch(/HTTP\/1\.1 2/);
    expect(arrived.filter((one) => one.includes('hidden'))).toEqual([]);
  });
});

describe('what looks odd and is not', () => {
  it.each([
    ['an empty line before the request', `\r\nGET /app/x HTTP/1.1\r\n${host}Connection: close\r\n\r\n`],
    [
      'chunks in other letters',
      `POST /app/x HTTP/1.1\r\n${host}Connection: close\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['HTTP/1.0 with a host', `GET /app/x HTTP/1.0\r\n${host}\r\n`],
    ['a GET with a body', `GET /app/x HTTP/1.1\r\n${host}Connection: close\r\nContent-Length: 3\r\n\r\nabc`],
    [
      'a Connection header that lists the length',
      `POST /app/x HTTP/1.1\r\n${host}Connection: close, Content-Length, Host\r\nContent-Length: 3\r\n\r\nabc`,
    ],
    ['a hundred headers', `GET /app/x HTTP/1.1\r\n${host}Connection: close\r\n${'X: 1\r\n'.repeat(98)}\r\n`],
  ])('%s is taken', async (_name, request) => {
    expect(await asked(request)).toMatch(/^HTTP\/1\.1 200/);
    expect(arrived).toHaveLength(1);
  });

  it('requests in a row on one connection are each their own', async () => {
    const text = await asked(
      `POST /app/1 HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\nabPOST /app/2 HTTP/1.1\r\n${host}${chunked}\r\n1\r\nx\r\n0\r\n\r\nGET /app/3 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    );
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
    expect(arrived.sort()).toEqual(['GET /3', 'POST /1', 'POST /2']);
  });
});
