import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createRawServer,
  type Server as RawServer,
  type Socket,
} from 'node:net';
import { afterEach } from 'vitest';
import { errorReply } from '../../../../adapters/http/error-reply.ts';
import { defaultLimits } from '../../../../adapters/http/limits.ts';
import { passThrough } from '../../../../adapters/http/pass-through/pass-through.ts';
import { passUpgrade } from '../../../../adapters/http/pass-through/pass-upgrade.ts';
import type { Passed } from '../../../../adapters/http/pass-through/passed.ts';
import { endTunnels } from '../../../../adapters/http/pass-through/tunnel.ts';
import { Upstream } from '../../../../adapters/http/pass-through/upstream.ts';
import type { UpstreamAddress } from '../../../../adapters/http/pass-through/upstream-connection.ts';
import type { Answering } from '../../../../adapters/http/plain/answering.ts';
import { FrontServer } from '../../../../adapters/http/plain/front-server.ts';
import type { PlainRequest } from '../../../../adapters/http/plain/plain-request.ts';

/** For the tests of one file or suite: what they start is closed after each of them, the newest first. */
export function keeping() {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  const kept = async <T extends { close(): Promise<void> }>(started: Promise<T>): Promise<T> => {
    const one = await started;
    ends.push(() => one.close());
    return one;
  };
  return { ends, kept };
}

export interface TestProxy {
  readonly port: number;
  readonly url: string;
  /** What went through, in the order of its end. */
  readonly passed: Passed[];
  /** Resolves with what became of the next request. */
  next(): Promise<Passed>;
  readonly upstream: Upstream;
  /** Of its clients. */
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** A server that passes everything on to one service. */
export async function startProxy(
  address: UpstreamAddress,
  options: {
    answerTimeoutMs?: number;
    prefix?: string;
    withhold?: (name: string, value: string) => string | null;
    /** Who gets what the one before refused, in this order. */
    others?: readonly UpstreamAddress[];
    /** Requests that are plain are read and answered without Node's HTTP. */
    plain?: boolean;
  } = {},
): Promise<TestProxy> {
  const { answerTimeoutMs = 0, prefix = '', withhold = null, plain = false } = options;
  const upstreamOf = (where: UpstreamAddress) => new Upstream(where, { answerTimeoutMs: () => answerTimeoutMs });
  const upstream = upstreamOf(address);
  const others = (options.others ?? []).map(upstreamOf);
  const instead = (refusing: ReadonlySet<Upstream>) => others.find((other) => !refusing.has(other)) ?? null;
  const passed: Passed[] = [];
  let waiting: ((one: Passed) => void)[] = [];
  const note = (one: Passed) => {
    passed.push(one);
    for (const tell of waiting) tell(one);
    waiting = [];
  };
  const target = (request: { readonly url?: string | undefined }) => ({
    upstream,
    instead,
    path: request.url ?? '/',
    prefix,
    withhold,
  });
  const fail = (error: unknown, response: Answering) => {
    const { status, body } = errorReply(error);
    response.writeHead(status, '', ['content-type', 'application/json']);
    response.end(JSON.stringify(body), 'latin1');
  };
  const pass = (request: IncomingMessage | PlainRequest, response: Answering) => {
    passThrough(request, response, target(request)).then(note, (error: unknown) => fail(error, response));
    return true;
  };
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    pass(request, response);
  };
  const server = new FrontServer({ ...defaultLimits, requestTimeout: 0 }, handle, plain ? pass : null);
  server.on('checkContinue', handle);
  server.on('upgrade', (request, socket, head) => {
    void passUpgrade(request, socket, head, target(request), fail).then(note);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    passed,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    upstream,
    sockets,
    async close() {
      for (const one of [upstream, ...others]) one.destroy();
      endTunnels(sockets, 0);
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface Service {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

/** A web service made of one function. */
export async function startService(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Service> {
  const server = createServer({ requestTimeout: 0 }, handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export interface RawService {
  readonly port: number;
  /** Everything that every connection sent, by connection. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** A service that answers bytes: `answer` is told everything that came over a connection so far. */
export async function startRawService(answer: (socket: Socket, text: string) => void): Promise<RawService> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server: RawServer = createRawServer({ allowHalfOpen: true }, (socket) => {
    const at = seen.push('') - 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      seen[at] += bytes.toString('latin1');
      answer(socket, seen[at] as string);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Sends bytes as they are; resolves with everything that came until the connection ended. */
export async function raw(port: number, ...pieces: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  for (const piece of pieces) socket.write(piece, 'latin1');
  await once(socket, 'close');
  return text;
}

/** Resolves with what came when it matches, or when the connection ends. The socket stays open. */
export function until(socket: Socket, pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const look = (bytes: Buffer | string) => {
      text += bytes.toString('latin1');
      if (pattern.test(text)) stop();
    };
    const stop = () => {
      socket.off('data', look);
      socket.off('close', stop);
      resolve(text);
    };
    socket.on('data', look);
    socket.once('close', stop);
  });
}
