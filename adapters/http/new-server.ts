import { createServer, type RequestListener, type Server } from 'node:http';
import { answerBroken } from './broken-requests.ts';
import type { Connections } from './connections.ts';
import type { Limits } from './limits.ts';

/** A server with the bounds that hold for every request, wherever it is taken. */
export function newServer(limits: Limits, connections: Connections, dispatch: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(2_000, limits.headersTimeoutMs),
      maxHeaderSize: limits.maxHeaderBytes,
      // A peer that vanished without a word is noticed by the system, also during a long call.
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelayMs,
    },
    dispatch,
  );
  server.maxHeadersCount = 100;
  server.maxConnections = limits.maxConnections;
  server.on('clientError', answerBroken);
  server.on('connection', (socket) => connections.add(socket));
  return server;
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
