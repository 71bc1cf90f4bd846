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
let sockets: Set<Socket>;

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'agent-'));
  address = { runFolder: root, queueFolder: root, tcp: null };
  transport = new HttpTransport();
  requests = [];
  sockets = new Set();
});

afterEach(async () => {
  await transport.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  rmSync(address.runFolder, { recursive: true, force: true });
});

const greeted = 'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ploinky-tasks\r\n\r\n';
const reply = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** An agent that takes a stream of tasks and does with each line what the test says; other requests get `over`. */
function serve(onTask: (task: { id: string }, socket: Socket) => void, over: (request: string) => string = () => '') {
  server = createServer((socket) => {
    sockets.add(socket);
    let streaming = false;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      if (!streaming && text.startsWith('GET /tasks ')) {
        streaming = true;
        socket.write(greeted);
      } else if (streaming) {
        for (const line of text.split('\n').filter(Boolean)) onTask(JSON.parse(line), socket);
      } else {
        const request = text.split(' HTTP', 1)[0] ?? '';
        requests.push(request);
        socket.write(over(request));
      }
    });
  });
  return new Promise<void>((resolve) => server.listen(join(address.runFolder, 'agent.sock'), resolve));
}

const call = (given = task('hello'), signal = new AbortController().signal) => transport.call(address, given, signal);

describe('a stream of tasks', () => {
  it('is opened once and carries every call, whatever the order of the answers', async () => {
    const held: { id: string }[] = [];
    await serve((given, socket) => {
      held.push(given);
      if (held.length < 3) return;
      for (const { id } of held.reverse()) socket.write(`{"id":"${id}","success":true,"data":"${id}"}\n`);
    });
    const tasks = [task('a'), task('b'), task('c')];
    const outcomes = await Promise.all(tasks.map((given) => call(given)));
    expect(outcomes).toEqual(tasks.map(({ id }) => ({ success: true, data: id })));
    expect(sockets.size).toBe(1);
  });

  it('puts together what comes in pieces, in the middle of a character too', async () => {
    await serve(({ id }, socket) => {
      const bytes = Buffer.from(`{"id":"${id}","success":true,"data":"grüße"}\n`);
      const cut = bytes.indexOf(0xc3) + 1;
      socket.write(bytes.subarray(0, cut), () => setImmediate(() => socket.write(bytes.subarray(cut))));
    });
    expect(await call()).toEqual({ success: true, data: 'grüße' });
  });

  it('fetches a large outcome by its id', async () => {
    await serve(
      ({ id }, socket) => socket.write(`{"id":"${id}","fetch":true}\n`),
      () => reply('{"state":"ended","outcome":{"success":true,"data":"large"},"bootId":"b"}'),
    );
    const given = task('hello');
    expect(await call(given)).toEqual({ success: true, data: 'large' });
    expect(requests).toEqual([`GET /task/${given.id}`]);
  });

  it('says that an agent which is stopping did not take the task', async () => {
    await serve(({ id }, socket) => socket.write(`{"stopping":true}\n{"id":"${id}","refused":true}\n`));
    await expect(call()).rejects.toMatchObject({ code: 'AGENT_UNREACHABLE' });
  });

  it('lets go of an agent that is stopping once the last answer is there', async () => {
    const closed = new Promise((resolve) => {
      void serve(({ id }, socket) => {
        socket.on('end', resolve);
        socket.write(`{"stopping":true}\n`);
        setImmediate(() => socket.write(`{"id":"${id}","success":true,"data":1}\n`));
      });
    });
    expect(await call()).toEqual({ success: true, data: 1 });
    await closed;
  });

  it('asks for the outcome on another connection when it breaks', async () => {
    await serve(
      (_given, socket) => socket.destroy(),
      () => reply('{"state":"ended","outcome":{"success":true,"data":"found"},"bootId":"b"}'),
    );
    expect(await call()).toEqual({ success: true, data: 'found' });
  });

  it('is given up when it says what is no answer', async () => {
    await serve(
      (_given, socket) => socket.write('this is no JSON\n'),
      () => reply('{"state":"unknown","bootId":"b"}'),
    );
    await expect(call()).rejects.toMatchObject({ code: 'TASK_OUTCOME_UNKNOWN' });
  });

  it('cancels over HTTP what nobody waits for, and goes on with the rest', async () => {
    let first = '';
    await serve(
      ({ id }, socket) => {
        if (first === '') first = id;
        else socket.write(`{"id":"${first}","success":true,"data":"late"}\n{"id":"${id}","success":true,"data":2}\n`);
      },
      () => reply('{}'),
    );
    const abort = new AbortController();
    const lost = call(task('slow'), abort.signal);
    while (first === '') await new Promise(setImmediate);
    abort.abort();
    await expect(lost).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    expect(await call()).toEqual({ success: true, data: 2 });
    expect(requests).toEqual([`DELETE /task/${first}`]);
  });
});
