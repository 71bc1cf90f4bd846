import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { passThrough } from '../../adapters/http/pass-through/pass-through.ts';
import { passUpgrade } from '../../adapters/http/pass-through/pass-upgrade.ts';
import type { Passed, PassTarget } from '../../adapters/http/pass-through/passed.ts';
import { requestHeader } from '../agents/web-program.ts';
import type { Ground } from '../ground/ground.ts';

/** What a person asks: for a page, with a text to be taken as it is, or for a conversation. */
export type Asked = 'GET' | 'POST' | 'upload' | 'upgrade';

/** The connection of a person: what is sent to them is kept. */
class Client extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  readonly localPort = 80;
  text = '';

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, told: () => void): void {
    this.text += chunk.toString('latin1');
    told();
  }

  setNoDelay(): this {
    return this;
  }

  destroySoon(): void {
    this.end(() => this.destroy());
  }

  resetAndDestroy(): this {
    return this.destroy();
  }
}

export interface Answered extends Passed {
  /** The person was sent what they had asked for, all of it. */
  readonly asWished: boolean;
}

/** One request of a person, handed on by the product's own code. Rejects as that does. */
export async function passRequest(ground: Ground, asked: Asked, id: string, target: PassTarget): Promise<Answered> {
  if (asked === 'upgrade') return converse(ground, id, target);
  const { client, request } = requestOf(asked === 'GET' ? 'GET' : 'POST', id, target);
  const body = asked === 'upload' ? upload(ground, request) : '';
  if (asked !== 'upload') {
    request.complete = true;
    request.push(null);
  }
  const response = new ServerResponse(request);
  response.assignSocket(client as unknown as Socket);
  response.on('finish', () => process.nextTick(() => response.emit('close')));
  const passed = await passThrough(request, response, target);
  const text = body === '' ? client.text : unchunked(client.text);
  const asWished = passed.outcome === 'whole' && passed.status === 200 && text.endsWith(`answer to ${id}${body}`);
  return { ...passed, asWished };
}

function requestOf(method: string, id: string, { path }: PassTarget) {
  const client = new Client();
  const request = new IncomingMessage(client as unknown as Socket);
  Object.assign(request, { method, url: path, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 });
  request.rawHeaders = ['Host', 'localhost', requestHeader, id];
  request.headers = { host: 'localhost' };
  return { client, request };
}

/** A body that comes in pieces, of a length that was said or in chunks. Answers with all of it. */
function upload({ random, time }: Ground, request: IncomingMessage): string {
  const pieces = Array.from({ length: random.whole(1, 6) }, () => random.id(3).repeat(random.whole(1, 1_500)));
  const body = pieces.join('');
  const [name, value] = random.chance(0.5) ? ['Content-Length', String(body.length)] : ['Transfer-Encoding', 'chunked'];
  request.rawHeaders.push(name, value);
  request.headers[name.toLowerCase()] = value;
  const everyMs = random.of([0.1, 5, 200]);
  const send = () => {
    const piece = pieces.shift();
    if (piece === undefined) {
      request.complete = true;
      request.push(null);
      return;
    }
    request.push(Buffer.from(piece, 'latin1'));
    time.after(random.between(0, everyMs), send);
  };
  time.after(random.between(0, everyMs), send);
  return body;
}

/** A few lines to and fro, and a farewell. */
async function converse({ random, time }: Ground, id: string, target: PassTarget): Promise<Answered> {
  const { client, request } = requestOf('GET', id, target);
  request.rawHeaders.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  Object.assign(request.headers, { connection: 'Upgrade', upgrade: 'websocket' });
  request.complete = true;
  request.push(null);
  const lines = Array.from({ length: random.whole(1, 6) }, (_, i) => `line ${i} of ${id}\n`);
  const wished = `${lines.join('')}bye\n`;
  const everyMs = random.of([5, 300]);
  let problem: string | null = null;
  const speak = () => {
    if (client.destroyed) return;
    const line = lines.shift();
    client.push(line === undefined ? null : Buffer.from(line));
    if (line !== undefined) time.after(random.between(1, everyMs), speak);
  };
  time.after(random.between(1, everyMs), speak);
  const passed = await passUpgrade(request, client as unknown as Socket, Buffer.alloc(0), target, (error, response) => {
    problem = error.code;
    response.statusCode = 502;
    response.end();
  });
  if (problem !== null) throw Object.assign(new Error('the conversation was refused'), { code: problem });
  const asWished = passed.outcome === 'whole' && passed.status === 101 && client.text.endsWith(`\r\n\r\n${wished}`);
  return { ...passed, asWished };
}

/** The body of an answer in chunks. */
function unchunked(text: string): string {
  let body = '';
  for (let at = text.indexOf('\r\n\r\n') + 4; at > 3 && at < text.length; ) {
    const line = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (!(size > 0)) break;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
  return body;
}
