import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { PassExchange } from './pass-exchange.ts';
import type { Passed, PassTarget } from './passed.ts';
import type { ResponseHead } from './response-head.ts';
import { tunnel } from './tunnel.ts';

/**
 * Hands a request for another protocol, WebSocket above all, to a service. Where the service agrees, bytes go both ways
 * until one side ends; where it does not, its answer is passed on as any other. Not a byte of what the client sends
 * goes on before the service agreed, so that nothing can hide behind a handshake.
 * @param head what came behind the request already
 * @param refuse answers in place of a service that gave no answer; the response closes the connection
 */
export function passUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: PassTarget,
  refuse: (problem: PloinkyError, response: ServerResponse) => void,
): Promise<Passed> {
  const response = responseFor(request, socket as Socket);
  return new Promise((resolve) => {
    const refused = (problem: PloinkyError) => {
      response.once('close', () => {
        resolve({ status: response.statusCode, requestBytes: 0, responseBytes: 0, outcome: 'whole' });
      });
      refuse(problem, response);
    };
    new UpgradeExchange(request, response, target, resolve, refused, head).send();
  });
}

/** For an answer on a socket that the server has let go of. It is the last one there. */
export function responseFor(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  socket.on('error', () => socket.destroy());
  socket.on('drain', () => response.emit('drain'));
  response.once('finish', () => {
    socket.destroySoon();
    response.detachSocket(socket);
    response.emit('close');
  });
  return response;
}

class UpgradeExchange extends PassExchange {
  readonly #head: Buffer;
  readonly #made: ServerResponse;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    target: PassTarget,
    resolve: (passed: Passed) => void,
    refused: (problem: PloinkyError) => void,
    head: Buffer,
  ) {
    super(request, response, target, resolve, refused);
    this.#head = head;
    this.#made = response;
  }

  protected override get upgrade(): string {
    return this.request.headers.upgrade ?? '';
  }

  override readonly switched = (answer: ResponseHead, service: Socket, first: Buffer) => {
    const { socket } = this.request;
    const { upstream } = this;
    upstream.expectNoMore(this);
    upstream.tunnelBegan();
    this.leave();
    this.#made.detachSocket(socket);
    socket.removeAllListeners('drain');
    socket.write(switchingText(answer, this.upgrade), 'latin1');
    if (first.length > 0) socket.write(first);
    if (this.#head.length > 0) service.write(this.#head);
    tunnel(socket, service, ({ sent, received, outcome }) => {
      upstream.tunnelEnded();
      this.resolve({ status: 101, requestBytes: sent, responseBytes: received, outcome });
    });
  };
}

function switchingText({ reason, headers }: ResponseHead, asked: string): string {
  let text = `HTTP/1.1 101 ${reason || 'Switching Protocols'}\r\nConnection: Upgrade\r\nUpgrade: ${asked}\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${text}\r\n`;
}
