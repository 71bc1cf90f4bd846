import type { IncomingMessage } from 'node:http';
import type { Answering } from '../plain/answering.ts';
import type { PlainRequest } from '../plain/plain-request.ts';
import { PassExchange } from './pass-exchange.ts';
import type { Passed, PassTarget } from './passed.ts';

/**
 * Hands a request to a service and its answer back, unbuffered in both directions. Resolves when the answer is out or
 * one of the two ends is gone. An answer that breaks off cuts the client's connection, so that it cannot be taken for
 * a whole one.
 * @throws PloinkyError SERVICE_UNREACHABLE, SERVICE_BROKE_OFF, SERVICE_BAD_ANSWER, SERVICE_TIMEOUT while nothing was
 *   answered yet: the answer is then the caller's
 */
export function passThrough(
  request: IncomingMessage | PlainRequest,
  response: Answering,
  target: PassTarget,
): Promise<Passed> {
  return new Promise((resolve, reject) => {
    new PassExchange(request, response, target, resolve, reject).send();
  });
}
