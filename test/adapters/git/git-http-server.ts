import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { TestGround } from './test-repository.ts';

/** Holds back the rest of an answer that carries objects, once a test asks for that. */
export class Brake {
  #pulled = false;
  #onStall: () => void = () => {};
  #onGone: () => void = () => {};
  /** Settles when an answer stands still. */
  stalled: Promise<void> = Promise.resolve();
  /** Settles when whoever waited for that answer is gone. */
  gone: Promise<void> = Promise.resolve();

  /** The next answer with objects stops after its first 4 KiB and never goes on. */
  pull(): void {
    this.#pulled = true;
    this.stalled = new Promise((resolve) => {
      this.#onStall = resolve;
    });
    this.gone = new Promise((resolve) => {
      this.#onGone = resolve;
    });
  }

  /** Whether this answer, of which `sent` bytes went out, stops here. */
  holds(response: ServerResponse, sent: number): boolean {
    if (!this.#pulled || sent < 4_096) return false;
    this.#pulled = false;
    response.once('close', () => this.#onGone());
    this.#onStall();
    return true;
  }
}

export interface GitHttpServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  readonly requests: { method: string; url: string; authorization: string | undefined }[];
  readonly brake: Brake;
}

/** A real Git server: node:http in front of `git http-backend`. `user:password` makes it ask for that. */
export async function serveGit(ground: TestGround, root: string, credentials?: string): Promise<GitHttpServer> {
  const requests: GitHttpServer['requests'] = [];
  const brake = new Brake();
  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    requests.push({ method: request.method ?? '', url: request.url ?? '', authorization });
    const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    if (expected && authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end('who are you?');
      return;
    }
    runBackend(root, request, response, brake);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ground.cleanup(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests, brake };
}

/** A TCP server that does what a test says with every connection; `accepted` settles with the first one. */
export async function serveTcp(ground: TestGround, onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  let accept: () => void = () => {};
  const accepted = new Promise<void>((resolve) => {
    accept = resolve;
  });
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    accept();
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ground.cleanup(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    accepted,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function runBackend(root: string, request: IncomingMessage, response: ServerResponse, brake: Brake): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const { headers } = request;
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
      HTTP_GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  backend.stdin.on('error', () => {});
  request.pipe(backend.stdin);
  let head = Buffer.alloc(0);
  let begun = false;
  let held = false;
  let sent = 0;
  const send = (chunk: Buffer) => {
    if (held) return;
    sent += chunk.length;
    held = brake.holds(response, sent);
    response.write(held ? chunk.subarray(0, chunk.length >> 1) : chunk);
  };
  backend.stdout.on('data', (chunk: Buffer) => {
    if (begun) return send(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    begun = true;
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon);
      const value = line.slice(colon + 1).trim();
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    send(head.subarray(end + 4));
  });
  backend.on('close', () => {
    if (!held) response.end();
  });
  response.on('close', () => backend.kill());
}
