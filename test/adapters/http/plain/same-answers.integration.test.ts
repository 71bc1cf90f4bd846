import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPlainHead } from '../../../../adapters/http/plain/plain-head.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

let server: TestServer;
/** What the web service was asked, in full. */
let arrived: unknown[] = [];
const app = createServer(async (request, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { method, url, rawHeaders } = request;
  arrived.push({ method, url, rawHeaders, body: Buffer.concat(pieces).toString('latin1') });
  if (url?.includes('chunks')) response.write('one');
  if (url?.includes('nothing')) response.statusCode = 204;
  response.end('two');
});

beforeAll(async () => {
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  server = await startTestServer({ limits: { headersTimeoutMs: 500, requestTimeoutMs: 500 } });
  const { port } = app.address() as AddressInfo;
  await server.deploy('/app', 'localhost', { port, manifest: { web: { port: 3000, prefix: 'strip' } } });
  await server.deploy('/agent');
});
afterAll(async () => {
  await server.close();
  app.closeAllConnections();
  app.close();
});

const probe = 'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

/** An answer that is no interim one is here in full. */
function answered(text: string, method: string): boolean {
  let rest = text;
  while (/^HTTP\/1\.1 1\d\d/.test(rest) && rest.includes('\r\n\r\n')) rest = rest.slice(rest.indexOf('\r\n\r\n') + 4);
  const end = rest.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const head = rest.slice(0, end);
  const body = rest.slice(end + 4);
  if (method === 'HEAD' || /^HTTP\/1\.1 [23]04/.test(head)) return true;
  // Another answer may have come with it.
  if (/\r\ntransfer-encoding: chunked/i.test(head)) return `\r\n${body}`.includes('\r\n0\r\n\r\n');
  return body.length >= Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
}

interface Seen {
  readonly heard: string;
  readonly arrived: readonly unknown[];
  readonly calls: readonly unknown[];
  readonly log: readonly string[];
}

/** Sends the bytes at once, and another request behind the answer; what everybody saw of it. */
async function exchange(bytes: string, method: string): Promise<Seen> {
  arrived = [];
  server.cloud.calls.length = 0;
  server.log.length = 0;
  const socket = connect(server.port, '127.0.0.1');
  let heard = '';
  let probed = false;
  socket.setEncoding('latin1').on('data', (piece) => {
    heard += piece;
    if (probed || !answered(heard, method)) return;
    probed = true;
    socket.write(probe);
  });
  socket.on('error', () => {});
  socket.write(bytes, 'latin1');
  // A connection that nobody ends is a defect of its own, and says with which bytes.
  await once(socket, 'close', { signal: AbortSignal.timeout(15_000) }).catch((cause: unknown) => {
    socket.destroy();
    throw new Error(`no end of ${JSON.stringify(bytes)}, heard ${JSON.stringify(heard)}`, { cause });
  });
  return {
    heard: heard.replace(/(Date|x-trace-id): [^\r]*/gi, '$1'),
    arrived,
    calls: server.cloud.calls.map(({ call, context }) => {
      return JSON.stringify([
        { ...call, metadata: { ...call.metadata, timestamp: '' } },
        { ...context, trace: '' },
      ]);
    }),
    log: server.log.map((line) => line.replace(/"(?:ts|time|duration|trace)":[^,]*,/g, '')).sort(),
  };
}

const often = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const target = fc.tuple(
  fc.constantFrom('/agent/hello', '/agent', '/app/x', '/app/chunks', '/app/nothing', '/app', '/health', '/none', '/'),
  often('', '?a=1&b=%20', '/%2e%2e/x', '/%zz', '/../x', '/"<>^`{|}\\', '?#f', '/\xe9', ' x', '//x', '/%00'),
);
const usualHeader = fc.constantFrom(
  'Content-Type: application/json',
  'Content-Type: text/plain',
  'Content-Type: nonsense',
  'Content-Encoding: gzip',
  'Connection: keep-alive',
  'Connection: Close',
  'Accept: text/html',
  'Cookie: a=b; ploinky_session=1',
  'Authorization: Bearer sk_wrong',
  'X-API-Key: sk_0123456789abcdef0123456789abcdef',
  'X-Task-Priority: urgent',
  'X-Task-Priority: none',
  'X-Task-Timeout: 5000',
  'X-Task-Timeout: never',
  'Prefer: respond-async',
  'Idempotency-Key: k',
  'Idempotency-Key:',
  'Origin: http://evil.test',
  'Sec-Fetch-Site: cross-site',
  'X-Ploinky-Call: 1',
  'X-Forwarded-For: 1.2.3.4',
  'Via: 1.0 other',
);
const oddHeader = fc.constantFrom(
  'Connection: close, X-Mine',
  'TE: trailers',
  'Upgrade: h2c',
  'Host: other.test',
  'X_Odd: 1',
  ' folded',
  'Bad : 1',
  'X: a\0b',
  'X: \xe9',
  'X: 1\rY: 2',
  'X: 1\nY: 2',
  'Content-Length: 0',
  'Transfer-Encoding: gzip',
);
const anyHeader = fc
  .tuple(fc.stringMatching(/^[!-~]{1,8}$/), fc.stringMatching(/^[ -~]{0,12}$/))
  .map(([name, value]) => `X-${name}: ${value}`);
const header = fc.oneof(
  { weight: 16, arbitrary: usualHeader },
  { weight: 1, arbitrary: oddHeader },
  { weight: 1, arbitrary: anyHeader },
);

const request = fc
  .record({
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE') },
      { weight: 1, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'get') },
    ),
    target,
    version: often('HTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'http/1.1', 'HTTP/1.1 '),
    host: often('Host: localhost', 'Host: LOCALHOST:80', 'Host: none.test', 'Host:', 'Host: a/b', 'X: no host'),
    headers: fc.array(header, { maxLength: 3 }),
    body: fc.constantFrom('', '{"params":["World"]}', '{"a":', 'text', '\xff\xfe', 'x'.repeat(9_000)),
    length: often('right', 'chunks', 'none', 'short', 'odd'),
    // Of two that are under way at once, those of a web service would end in any order.
    behind: often('', 'GET /agent/second HTTP/1.1\r\nHost: localhost\r\n\r\n', 'junk'),
  })
  .map(({ method, target: [path, more], version, host, headers, body, length, behind }) => {
    const lines = [`${method} ${path}${more} ${version}`, host, ...headers];
    let sent = body;
    if (length === 'right' && method === 'GET') sent = '';
    else if (length === 'right' && (body !== '' || method === 'POST')) lines.push(`Content-Length: ${body.length}`);
    if (length === 'short') lines.push(`content-length: ${Math.max(0, body.length - 1)}`);
    if (length === 'odd') lines.push(`Content-Length: 0${body.length}`);
    if (length === 'chunks') {
      lines.push('Transfer-Encoding: chunked');
      sent = '0\r\n\r\n';
    }
    return { method, bytes: `${lines.join('\r\n')}\r\n\r\n${sent}${behind}` };
  });

it('whatever is sent, it is answered and handed on as Node’s own server does it', { timeout: 240_000 }, async () => {
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(request, async ({ method, bytes }) => {
      if (readPlainHead(Buffer.from(bytes, 'latin1'))) plain += 1;
      // A request after an empty line is one that only Node's parser takes.
      const general = await exchange(`\r\n${bytes}`, method);
      expect(await exchange(bytes, method)).toEqual(general);
    }),
    { numRuns: 200 },
  );
  // The others show that nothing is taken that is not plain.
  expect(plain).toBeGreaterThan(50);
});
