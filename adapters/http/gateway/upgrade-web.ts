import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { passUpgrade, responseFor } from '../pass-through/pass-upgrade.ts';
import { logRequest } from '../traffic/request-log.ts';
import { account } from './account.ts';
import { type Destination, destinationOf } from './destination.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';
import type { Services } from './services.ts';
import { passTarget } from './web-service.ts';

type Refuse = (
  surroundings: GatewaySurroundings,
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
) => void;

/** Passes a WebSocket, or whatever else a web service speaks. False when no web service is asked, or for HTTP/2. */
export function upgradeWeb(
  surroundings: GatewaySurroundings,
  services: Services,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  refuse: Refuse,
): boolean {
  const { headers } = request;
  const { upgrade = '', 'content-length': length, 'transfer-encoding': encoding } = headers;
  const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
  // A wish for HTTP/2 is one that may be ignored, and a body has to be read before anything else is spoken.
  if (hasBody || request.method !== 'GET' || /^h2c?$/i.test(upgrade)) return false;
  const began = performance.now();
  const { logger, traffic } = surroundings;
  const over = (statusCode: number) => {
    const duration = performance.now() - began;
    traffic.record(statusCode, duration);
    logRequest(logger, request, { statusCode, duration });
  };
  const answerWith = (error: unknown, response: ServerResponse) => refuse(surroundings, error, request, response);
  let destination: Destination;
  try {
    destination = destinationOf(surroundings, request);
    if (destination.kind !== 'web') return false;
    const target = passTarget(services, destination.target, request.url ?? '/');
    const { target: web } = destination;
    void passUpgrade(request, socket, head, target, answerWith).then((passed) => {
      over(passed.status);
      account(surroundings, web, request, passed, performance.now() - began);
    });
  } catch (error) {
    const response = responseFor(request, socket);
    response.once('close', () => over(response.statusCode));
    answerWith(error, response);
  }
  return true;
}
