import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { letTakeItsTime } from '../body-deadlines.ts';
import { errorReply, isDefect } from '../error-reply.ts';
import { changingFiles } from '../files/folder-files.ts';
import { serveSite } from '../files/serve-site.ts';
import { endInOnePiece } from '../one-piece.ts';
import { bodyOf } from '../pass-through/request-head.ts';
import { PlainRequest } from '../plain/plain-request.ts';
import { PlainResponse } from '../plain/plain-response.ts';
import { logRequest } from '../traffic/request-log.ts';
import { answerCall } from './agent-calls.ts';
import { callerOf } from './call-guard.ts';
import { type CallTarget, type Destination, destinationOf } from './destination.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';
import { notFoundPage, wantsHtml } from './not-found-page.ts';
import { readBody, refuseLarge } from './read-body.ts';
import { Services } from './services.ts';
import { answerSite } from './static-site.ts';
import { upgradeWeb } from './upgrade-web.ts';
import { answerWeb } from './web-service.ts';

const callMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const allow = [...callMethods, 'HEAD', 'OPTIONS'];
const allowed: ReadonlySet<string> = new Set(allow);

export interface GatewayDoor {
  answer(request: IncomingMessage, response: ServerResponse): void;
  /** For calls and what is passed on; false for anything else, with which nothing has happened then. */
  plain(request: PlainRequest, response: PlainResponse): boolean;
  /**
   * For a request that asks for another protocol. False when nothing here speaks one: it is then a request like others.
   * @param head what came behind the request already
   */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): boolean;
  /** Ends the connections to web services. */
  close(): void;
}

/**
 * Agents and web services by host and path, then static files. Every call passes here, so that it stands on node:http
 * alone (docs/decisions/0019), a framework's hooks cost as much as the two durable events of a call; and without even that
 * where a request is plain (docs/decisions/0031).
 */
export function gatewayDoor(surroundings: GatewaySurroundings): GatewayDoor {
  const services = new Services(surroundings);
  surroundings.requests?.follow(services);
  return {
    answer: (request, response) => void answer(surroundings, services, request, response, null),
    plain(request, response) {
      let destination: Destination | Nowhere;
      try {
        destination = destinationOf(surroundings, request);
        if (destination.kind !== 'call' && destination.kind !== 'web') return false;
      } catch (problem) {
        // Whatever it is: thrown from here it would end the server.
        destination = { kind: 'nowhere', problem };
      }
      void answer(surroundings, services, request, response, destination);
      return true;
    },
    upgrade: (request, socket, head) => upgradeWeb(surroundings, services, request, socket, head, fail),
    close: () => services.close(),
  };
}

/** Looking for the destination failed. */
interface Nowhere {
  readonly kind: 'nowhere';
  readonly problem: unknown;
}

type AnyRequest = IncomingMessage | PlainRequest;
type AnyResponse = ServerResponse | PlainResponse;

/** @param known where it leads or why nowhere; null to find out */
async function answer(
  surroundings: GatewaySurroundings,
  services: Services,
  request: AnyRequest,
  response: AnyResponse,
  known: Destination | Nowhere | null,
): Promise<void> {
  const began = performance.now();
  try {
    if (known?.kind === 'nowhere') throw known.problem;
    await pass(surroundings, services, request, response, known ?? destinationOf(surroundings, request));
  } catch (error) {
    // The end of a request whose body was taken at once is seen a moment later.
    if (!request.complete) await turn();
    fail(surroundings, error, request, response);
  }
  const duration = performance.now() - began;
  surroundings.traffic.record(response.statusCode, duration);
  logRequest(surroundings.logger, request, { statusCode: response.statusCode, duration });
}

/** Throws or rejects for what is to be answered with an error. */
function pass(
  surroundings: GatewaySurroundings,
  services: Services,
  request: AnyRequest,
  response: AnyResponse,
  destination: Destination,
): Promise<void> | undefined {
  const method = request.method as string;
  if (destination.kind === 'web') {
    if (!(request instanceof PlainRequest) && bodyOf(request) !== 'none') letTakeItsTime(request);
    return answerWeb(surroundings, services, destination.target, request, response);
  }
  if (!allowed.has(method)) {
    throw new PloinkyError('METHOD_NOT_ALLOWED', 'This method is not possible here.', { details: { allow } });
  }
  refuseLarge(request, surroundings.limits.bodyLimitBytes);
  if (request.headers.expect !== undefined) response.writeContinue();
  if (destination.kind === 'call') return call(surroundings, destination.target, request, response);
  if (request instanceof PlainRequest || response instanceof PlainResponse)
    throw new Error('no destination of plain requests');
  switch (destination.kind) {
    case 'site':
      return answerSite(surroundings, destination.target, request, response);
    case 'home':
      response.writeHead(302, { location: '/management', 'content-length': 0 }).end();
      return undefined;
    case 'file':
      return file(surroundings, destination.domain, destination.segments, request, response);
  }
}

async function call(
  surroundings: GatewaySurroundings,
  target: CallTarget,
  request: AnyRequest,
  response: AnyResponse,
): Promise<void> {
  const { method = 'GET', url = '/', headers } = request;
  // Neither of the two is a call: nothing runs, and nothing is promised about what would.
  if (method === 'HEAD') return end(response, 200, ['content-type', 'application/json'], '');
  if (method === 'OPTIONS') return end(response, 204, ['allow', allow.join(', ')], '');
  const body = method === 'GET' ? null : await readBody(request, surroundings.limits.bodyLimitBytes);
  const { status, headers: own, text } = await answerCall(surroundings, target, { method, url, headers, body });
  end(response, status, own, text);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** @param own names and values in turn, for a call is too frequent for an object of them */
function end(response: AnyResponse, status: number, own: readonly string[], text: string): void {
  const bytes = Buffer.byteLength(text);
  const headers = own.concat('x-content-type-options', 'nosniff', 'cache-control', 'no-store');
  if (status !== 204) headers.push('content-length', String(bytes));
  if (response instanceof PlainResponse) {
    response.whole(status, headers, text, bytes);
    return;
  }
  response.writeHead(status, headers);
  endInOnePiece(response, text, bytes);
}

async function file(
  surroundings: GatewaySurroundings,
  domain: string,
  segments: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] as string;
  if (request.method === 'GET' || request.method === 'HEAD') {
    const folder = join(surroundings.staticFolder, domain);
    const site = { folder, files: changingFiles, spa: false, withheld: new Set<string>(), kept: 'public' } as const;
    const query = (request.url ?? '').slice(path.length);
    const address = { segments, trailingSlash: path.endsWith('/'), base: '', query };
    if (await serveSite(request, response, site, address)) return;
  }
  // With enableAuth whoever proves nothing does not learn what is here and what is not.
  callerOf(surroundings, request.method ?? 'GET', request.headers, domain);
  throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${domain}${shownPath(segments)}.`);
}

function shownPath(segments: readonly string[]): string {
  const path = `/${segments.join('/')}`;
  return path.length > 100 ? `${path.slice(0, 97)}...` : path;
}

interface Allowed {
  readonly allow?: readonly string[];
}

function fail({ logger }: GatewaySurroundings, error: unknown, request: AnyRequest, response: AnyResponse): void {
  if (isDefect(error)) logger.error({ err: error }, 'request failed');
  const { status, headers, body } = errorReply(error);
  // An answer that has begun cannot be replaced.
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const own = Object.entries(headers).flat();
  if (status === 405) own.push('allow', ((body.error.details as Allowed | undefined)?.allow ?? allow).join(', '));
  // What is left of a body that nobody reads would be taken for the next request.
  if (!request.complete) own.push('connection', 'close');
  if (status === 404 && request.method === 'GET' && wantsHtml(request.headers)) {
    own.push('content-security-policy', "default-src 'none'", 'content-type', 'text/html; charset=utf-8');
    end(response, status, own, notFoundPage(body.message, body.error.hint));
    return;
  }
  own.push('content-type', 'application/json; charset=utf-8');
  end(response, status, own, JSON.stringify(body));
}
