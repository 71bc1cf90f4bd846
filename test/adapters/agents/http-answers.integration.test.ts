import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentAddress } from '../../../adapters/agents/agent-port.ts';
import { HttpTransport } from '../../../adapters/agents/http-transport.ts';
import { task } from '../../contracts/transport-contract.ts';

let address: AgentAddress;
let server: Server;
let transport: HttpTransport;
let requests: string[];

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'agent-'));
  address = { runFolder: root, queueFolder: root, tcp: null };
  transport = new HttpTransport();
  requests = [];
});

afterEach(async () => {
  await transport.close();
  await new Promise((resolve) => server.close(resolve));
  rmSync(address.runFolder, { recursive: true, force: true });
});

/** Something that listens where AgentCore should, and speaks HTTP alone. */
function serve(answer: (request: string, socket: Socket) => void): Promise<void> {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      const request = chunk.toString('latin1');
      if (request.startsWith('GET /tasks ')) {
        socket.end(reply('404 Not Found', ''));
        return;
      }
      requests.push(request.split(' HTTP', 1)[0] ?? '');
      answer(request, socket);
    });
  });
  return new Promise((resolve) => server.listen(join(address.runFolder, 'agent.sock'), resolve));
}

const reply = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const call = (given = task('hello'), signal = new AbortController().signal) => transport.call(address, given, signal);

describe('answers that no AgentCore gives', () => {
  it.each([
    ['text', reply('200 OK', 'hello')],
    ['a page', reply('404 Not Found', '<html></html>')],
    ['null', reply('200 OK', 'null')],
    ['a list', reply('200 OK', '[]')],
    ['no success', reply('200 OK', '{"data":1}')],
    ['success as text', reply('200 OK', '{"success":"true"}')],
    ['a failure without a code', reply('200 OK', '{"success":false,"error":{"message":"x"}}')],
    ['a failure without an error', reply('200 OK', '{"success":false}')],
    ['a redirect', 'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\n{}'],
    ['a status of its own', reply('500 Oops', '{"success":true,"data":1}')],
  ])('%s', async (_what, text) => {
    await serve((_request, socket) => socket.write(text));
    await expect(call()).rejects.toMatchObject({ code: 'AGENT_BAD_ANSWER' });
  });

  it('a success without data is null', async () => {
    await serve((_request, socket) => socket.write(reply('200 OK', '{"success":true}')));
    expect(await call()).toEqual({ success: true, data: null });
  });

  it('more than fits', async () => {
    await serve((_request, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${200 * 1024 * 1024}\r\n\r\n`);
      const piece = Buffer.alloc(1024 * 1024, 32);
      const more = () => {
        while (!socket.destroyed && socket.write(piece));
      };
      socket.on('drain', more);
      more();
    });
    await expect(call()).rejects.toMatchObject({ code: 'AGENT_BAD_ANSWER' });
  });
});

describe('a connection that breaks', () => {
  it('after the task was sent: the outcome is asked for on another one', async () => {
    await serve((request, socket) => {
      if (request.startsWith('POST')) socket.destroy();
      else socket.write(reply('200 OK', '{"state":"ended","outcome":{"success":true,"data":7},"bootId":"b"}'));
    });
    const given = task('hello');
    expect(await call(given)).toEqual({ success: true, data: 7 });
    expect(requests).toEqual(['POST /task', `GET /task/${given.id}`]);
  });

  it('while the task runs: it is joined again', async () => {
    let posts = 0;
    await serve((request, socket) => {
      if (!request.startsWith('POST')) socket.write(reply('200 OK', '{"state":"running","bootId":"b"}'));
      else if (++posts === 1) socket.destroy();
      else socket.write(reply('200 OK', '{"success":true,"data":8}'));
    });
    expect(await call()).toEqual({ success: true, data: 8 });
  });

  it.each(['neverSeen', 'unknown'])('and an agent that says %s: the outcome is unknown', async (state) => {
    await serve((request, socket) => {
      if (request.startsWith('POST')) socket.destroy();
      else socket.write(reply('200 OK', JSON.stringify({ state, bootId: 'another' })));
    });
    await expect(call()).rejects.toMatchObject({ code: 'TASK_OUTCOME_UNKNOWN' });
  });

  it('every time: the outcome is unknown', async () => {
    await serve((_request, socket) => socket.destroy());
    await expect(call()).rejects.toMatchObject({ code: 'TASK_OUTCOME_UNKNOWN' });
  });

  it('in the middle of the answer', async () => {
    await serve((_request, socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"succ'));
    await expect(call()).rejects.toMatchObject({ code: 'TASK_OUTCOME_UNKNOWN' });
  });
});

describe('an agent that says nothing', () => {
  it('is given up when the time is up, and told to drop the task', async () => {
    await serve(() => {});
    const given = task('hello');
    await expect(call(given, AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'TASK_TIMEOUT' });
    await transport.close();
    expect(requests).toEqual(['POST /task', `DELETE /task/${given.id}`]);
  });

  it('is not healthy, soon', async () => {
    await serve(() => {});
    expect(await transport.probe(address, new AbortController().signal)).toBeNull();
  });
});

describe('an agent that is stopping', () => {
  it('took no task', async () => {
    const body = '{"success":false,"error":{"code":"AGENT_STOPPING","message":"m","details":null}}';
    await serve((_request, socket) => socket.write(reply('503 Service Unavailable', body)));
    await expect(call()).rejects.toMatchObject({ code: 'AGENT_UNREACHABLE' });
  });
});
