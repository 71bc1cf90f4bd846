import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultLimits, type Limits } from '../../../../adapters/http/limits.ts';
import { FrontServer } from '../../../../adapters/http/plain/front-server.ts';
import type { PlainListener } from '../../../../adapters/http/plain/plain-connection.ts';
import type { PlainResponse } from '../../../../adapters/http/plain/plain-response.ts';
import { until } from '../pass-through/proxy.ts';

/** Requests in their order, and by whom they were read. */
let seen: string[];
/** Answers that wait at `/later`. */
let later: PlainResponse[];
let server: FrontServer;

const plain: PlainListener = (request, response) => {
  if (request.url === '/other') return false;
  seen.push(`plain ${request.method} ${request.url} ${request.body ?? ''}`);
  if (request.url === '/later') later.push(response);
  else answer(response, `to ${request.url}`);
  return true;
};

function answer(response: PlainResponse, text: string): void {
  response.whole(200, ['content-length', String(text.length)], text, text.length);
}

async function general(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  seen.push(`node ${request.method} ${request.url} ${Buffer.concat(pieces)}`);
  response.end(`to ${request.url}`);
}

async function start(limits: Partial<Limits> = {}): Promise<void> {
  const all = { ...defaultLimits, ...limits };
  const options = { ...all, headersTimeout: all.headersTimeoutMs, keepAliveTimeout: all.keepAliveTimeoutMs };
  server = new FrontServer(options, (request, response) => void general(request, response), plain);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function open(): Socket {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  return socket;
}

/** Lets the event loop turn until it is so. */
async function turns(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((resolve) => setImmediate(resolve));
}

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;

beforeEach(() => {
  seen = [];
  later = [];
});
afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

describe('plain requests', () => {
  it('in a row on one connection are all read without Node’s HTTP', async () => {
    await start();
    const socket = open();
    socket.write(get('/1'));
    await until(socket, /to \/1/);
    socket.write('POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab');
    await until(socket, /to \/2/);
    // The head is the same as the one before, the body is another.
    socket.write('POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\ncd');
    expect(await until(socket, /to \/2/)).toMatch(
      /^HTTP\/1\.1 200 OK\r\ncontent-length: 5\r\nDate: [^\r]+ GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n\r\nto \/2$/,
    );
    expect(seen).toEqual(['plain GET /1 ', 'plain POST /2 ab', 'plain POST /2 cd']);
  });

  it('that want the connection closed have it closed behind their answer', async () => {
    await start();
    const socket = open();
    socket.write(get('/1', 'Connection: close\r\n'));
    expect(await until(socket, /never/)).toMatch(/\r\nConnection: close\r\n\r\nto \/1$/);
  });

  it('are answered in other letters than ASCII byte for byte', async () => {
    await start();
    const socket = open();
    socket.write(get('/later'));
    await turns(() => later.length > 0);
    later[0]?.whole(200, ['content-length', '6'], '🐎ž', 6);
    expect(Buffer.from(await until(socket, /\r\n\r\n.{6}/s), 'latin1').toString('utf8')).toMatch(/🐎ž$/u);
  });
});

describe('the first request that is not plain takes its connection to Node’s server', () => {
  it.each([
    [
      'chunks',
      'POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
      'node POST /x ab',
    ],
    ['another method', 'OPTIONS /x HTTP/1.1\r\nHost: a\r\n\r\n', 'node OPTIONS /x '],
    ['what the listener does not answer', get('/other'), 'node GET /other '],
    ['two at once', `${get('/x')}${get('/y')}`, 'node GET /x '],
  ])('for %s', async (_name, bytes, asked) => {
    await start();
    const socket = open();
    socket.write(get('/1'));
    await until(socket, /to \/1/);
    socket.write(bytes);
    await until(socket, /to \/[xyo]/);
    socket.write(get('/last', 'Connection: close\r\n'));
    await until(socket, /to \/last/);
    expect(seen.slice(0, 2)).toEqual(['plain GET /1 ', asked]);
    expect(seen.at(-1)).toBe('node GET /last ');
  });

  it('where it comes in pieces', async () => {
    await start();
    const socket = open();
    const pieces = ['GET /1 HTTP/1.1\r\nHo', 'st: a\r\nConnection: close\r\n\r', '\n'];
    const [accepted] = (await once(server, 'connection')) as [Socket];
    let sent = 0;
    for (const piece of pieces) {
      socket.write(piece);
      sent += piece.length;
      // Each is read before the next is sent.
      await turns(() => accepted.bytesRead === sent);
    }
    expect(await until(socket, /never/)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*to \/1/);
    expect(seen).toEqual(['node GET /1 ']);
  });

  it('and its answer comes after the one that is under way', async () => {
    await start();
    const socket = open();
    socket.write(get('/later'));
    await turns(() => later.length > 0);
    socket.write(get('/ahead', 'Connection: close\r\n'));
    await once((later[0] as PlainResponse).socket, 'data');
    expect(seen).toEqual(['plain GET /later ']);
    answer(later[0] as PlainResponse, 'to /later');
    expect(await until(socket, /never/)).toMatch(/to \/later[\s\S]*to \/ahead/);
    expect(seen).toEqual(['plain GET /later ', 'node GET /ahead ']);
  });

  it('as does one for another protocol', async () => {
    await start();
    server.on('upgrade', (request, socket) => socket.end(`HTTP/1.1 101 Of ${request.url}\r\n\r\n`));
    const socket = open();
    socket.write(get('/1'));
    await until(socket, /to \/1/);
    socket.write(get('/chat', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'));
    expect(await until(socket, /never/)).toBe('HTTP/1.1 101 Of /chat\r\n\r\n');
  });
});

describe('a connection', () => {
  it('on which nothing is asked any more is closed', async () => {
    await start({ keepAliveTimeoutMs: 100 });
    const socket = open();
    socket.write(get('/1'));
    await until(socket, /to \/1/);
    expect(await until(socket, /never/)).toBe('');
  });

  it('on which nothing was ever asked is told so', async () => {
    await start({ headersTimeoutMs: 100 });
    expect(await until(open(), /never/)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*REQUEST_TIMEOUT/);
  });

  it('with an answer under way is not idle, one without is', async () => {
    await start({ keepAliveTimeoutMs: 50 });
    const [busy, idle] = [open(), open()];
    idle.write(get('/1'));
    await until(idle, /to \/1/);
    busy.write(get('/later'));
    await turns(() => later.length > 0);
    server.closeIdleConnections();
    await until(idle, /never/);
    answer(later[0] as PlainResponse, 'to /later');
    expect(await until(busy, /to \/later/)).toContain('200 OK');
  });

  it('takes no other request behind its last answer', async () => {
    await start();
    const socket = open();
    const [accepted] = (await once(server, 'connection')) as [Socket];
    socket.write(get('/later', 'Connection: close\r\n'));
    await turns(() => later.length > 0);
    answer(later[0] as PlainResponse, 'to /later');
    // It came just now, and the end is not yet with the client.
    accepted.push(Buffer.from('POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'));
    expect(await until(socket, /never/)).toMatch(/to \/later$/);
    expect(seen).toEqual(['plain GET /later ']);
  });

  it('takes no other request when the client is done sending before the answer was out', async () => {
    await start();
    const broken: Error[] = [];
    server.on('clientError', (error, socket) => {
      broken.push(error);
      socket.destroy();
    });
    const socket = open();
    const [accepted] = (await once(server, 'connection')) as [Socket];
    socket.write(get('/later'));
    await turns(() => later.length > 0);
    socket.write(get('/ahead'));
    await once(accepted, 'data');
    const text = 'x'.repeat(8_000_000);
    socket.pause();
    answer(later[0] as PlainResponse, text);
    expect(accepted.writableLength).toBeGreaterThan(0);
    socket.end();
    await once(accepted, 'end');
    let heard = 0;
    socket.on('data', (bytes) => {
      heard += bytes.length;
    });
    socket.resume();
    await once(accepted, 'close');
    await turns(() => socket.destroyed);
    expect(heard).toBeGreaterThan(text.length);
    expect(seen).toEqual(['plain GET /later ']);
    expect(broken).toEqual([]);
  });

  it('whose client goes away tells whoever makes the answer', async () => {
    await start();
    const socket = open();
    socket.write(get('/later'));
    await turns(() => later.length > 0);
    const [response] = later as [PlainResponse];
    const gone = new Promise<void>((resolve) => response.on('close', resolve));
    socket.destroy();
    await gone;
    expect(response.writableFinished).toBe(false);
    // Too late, and of no consequence.
    answer(response, 'to /later');
  });
});
