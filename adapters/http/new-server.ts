import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { BodyDeadlines } from './body-deadlines.ts';
import { answerBroken } from './broken-requests.ts';
import type { Connections } from './connections.ts';
import type { Limits } from './limits.ts';
import { responseFor } from './pass-through/pass-upgrade.ts';
import { FrontServer } from './plain/front-server.ts';
import type { PlainListener } from './plain/plain-connection.ts';
import { refuseRequest, strictProblem } from './strict-request.ts';
import { withoutUpgrade } from './without-upgrade.ts';

/** Says whether it takes a request for another protocol. */
export type UpgradeListener = (request: IncomingMessage, socket: Socket, head: Buffer) => boolean;

/** Who answers what comes over a server's connections. */
export interface Listening {
  readonly dispatch: RequestListener;
  readonly upgrade: UpgradeListener;
  /** Requests that need nothing of Node's HTTP, as far as they are answered; null where none may be taken so. */
  readonly plain: PlainListener | null;
}

/**
 * A server with the bounds that hold for every request, wherever it is taken. Who handles a request with the header
 * Expect says itself when its body may come.
 */
export function newServer(limits: Limits, connections: Connections, { dispatch, upgrade, plain }: Listening): Server {
  const deadlines = new BodyDeadlines(limits.requestTimeoutMs);
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const problem = strictProblem(request);
    if (problem) {
      refuseRequest(problem, request, response);
      return;
    }
    deadlines.watch(request);
    dispatch(request, response);
  };
  const server = new FrontServer(
    {
      ...limits,
      headersTimeout: limits.headersTimeoutMs,
      // Not Node's own: it would cut uploads to web services, however lively they are.
      requestTimeout: 0,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(2_000, limits.headersTimeoutMs),
      maxHeaderSize: limits.maxHeaderBytes,
      insecureHTTPParser: false,
      requireHostHeader: true,
      // A peer that vanished without a word is noticed by the system, also during a long call.
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelayMs,
    },
    handle,
    plain,
  );
  // Node would pass over those beyond a bound without a word, and nobody would know of a second Host among them.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.maxConnections;
  server.on('checkContinue', handle);
  server.on('upgrade', (request, socket, head) => {
    // What is wrong with it is found once more where it is a request like others.
    if (strictProblem(request) || !upgrade(request, socket as Socket, head))
      withoutUpgrade(request, socket as Socket, head, server.parse);
  });
  server.on('connect', (request, socket) => {
    const response = responseFor(request, socket as Socket);
    refuseRequest(strictProblem(request) ?? noProxy(), request, response);
  });
  server.on('clientError', answerBroken);
  server.on('connection', (socket) => connections.add(socket));
  return server;
}

function noProxy(): PloinkyError {
  return new PloinkyError('METHOD_NOT_ALLOWED', 'This server is no proxy.');
}

/** A connection on which nothing comes is asked after this whether its peer is still there. */
export const keepAliveDelayMs = 60_000;

/** No new connections, answers under way are finished, then the connections are cut. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  await cutWhenIdle(server, graceMs, ended);
}

/** Closes connections as their answers go out, and all that are left after `graceMs`, until `ended`. */
export async function cutWhenIdle(server: Server, graceMs: number, ended: Promise<void>): Promise<void> {
  server.closeIdleConnections();
  // A connection becomes idle when its last answer is out, and nobody else would close it then.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await ended;
  clearInterval(sweep);
  clearTimeout(cut);
}
