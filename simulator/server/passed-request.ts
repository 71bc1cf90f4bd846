import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { passThrough } from '../../adapters/http/pass-through/pass-through.ts';
import type { Passed, PassTarget } from '../../adapters/http/pass-through/passed.ts';
import { requestHeader } from '../agents/web-program.ts';

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

  resetAndDestroy(): this {
    return this.destroy();
  }
}

export interface Answered extends Passed {
  /** All that the person was sent. */
  readonly text: string;
}

/** One request of a person, handed on by the product's own code. Rejects as that does. */
export async function passRequest(method: 'GET' | 'POST', id: string, target: PassTarget): Promise<Answered> {
  const client = new Client();
  const request = new IncomingMessage(client as unknown as Socket);
  Object.assign(request, { method, url: target.path, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 });
  request.rawHeaders = ['Host', 'localhost', requestHeader, id];
  request.headers = { host: 'localhost' };
  request.complete = true;
  request.push(null);
  const response = new ServerResponse(request);
  response.assignSocket(client as unknown as Socket);
  response.on('finish', () => process.nextTick(() => response.emit('close')));
  const passed = await passThrough(request, response, target);
  return { ...passed, text: client.text };
}
