import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askHttp, askTcp } from '../../../adapters/pipeline/ask-service.ts';

let folder: string;
let socketPath: string;
let server: Server;
const sockets = new Set<Socket>();
const never = () => new AbortController().signal;
const wanted = { host: 'localhost', target: '/ready' };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'as-'));
  socketPath = join(folder, 's.sock');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function listen(onConnection: (socket: Socket) => void): Promise<void> {
  server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
}

describe('a question over HTTP', () => {
  it('gets the status of the answer, also one that comes in pieces', async () => {
    await listen((socket) => {
      socket.once('data', (bytes) => {
        expect(bytes.toString()).toMatch(/^GET \/ready HTTP\/1\.1\r\nHost: localhost\r\n/);
        socket.write('HTTP/1.');
        setImmediate(() => socket.end('1 503 No\r\ncontent-length: 0\r\n\r\n'));
      });
    });
    expect(await askHttp({ socketPath }, wanted, 5_000, never())).toEqual({ status: 503 });
  });

  it('says how it was not answered', async () => {
    await listen((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    expect(await askHttp({ socketPath }, wanted, 5_000, never())).toEqual({
      silence: 'answered with something that is no HTTP',
    });
    server.removeAllListeners('connection').on('connection', (socket) => socket.destroy());
    expect(await askHttp({ socketPath }, wanted, 5_000, never())).toMatchObject({ silence: expect.any(String) });
    server.removeAllListeners('connection').on('connection', (socket: Socket) => sockets.add(socket));
    expect(await askHttp({ socketPath }, wanted, 50, never())).toEqual({ silence: 'did not answer within 50 ms' });
    const absent = join(folder, 'absent.sock');
    expect(await askHttp({ socketPath: absent }, wanted, 5_000, never())).toEqual({
      silence: 'takes no connection (ENOENT)',
    });
  });

  it('ends when the caller gives up', async () => {
    await listen(() => {});
    const gone = new AbortController();
    const answer = askHttp({ socketPath }, wanted, 600_000, gone.signal);
    gone.abort();
    expect(await answer).toMatchObject({ silence: expect.any(String) });
  });
});

describe('a question whether it takes connections', () => {
  it('is answered by one that stays, or says something', async () => {
    await listen(() => {});
    expect(await askTcp({ socketPath }, 5_000, never())).toEqual({ status: null });
    server
      .removeAllListeners('connection')
      .on('connection', (socket: Socket) => sockets.add(socket) && socket.end('hi'));
    expect(await askTcp({ socketPath }, 5_000, never())).toEqual({ status: null });
  });

  it('is not answered by one that is closed at once, as by a proxy before nobody listens', async () => {
    await listen((socket) => socket.destroy());
    expect(await askTcp({ socketPath }, 5_000, never())).toMatchObject({ silence: expect.any(String) });
  });
});
