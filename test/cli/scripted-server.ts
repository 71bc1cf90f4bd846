import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

export interface ScriptedAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly bytes?: Buffer;
  /** Takes the reply over, for streams and broken connections. */
  readonly raw?: (reply: ServerResponse) => void;
}

/** `'GET /health'` → what to answer; a function is called for each request. */
export type Script = Record<string, ScriptedAnswer | ((request: SeenRequest) => ScriptedAnswer)>;

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenRequest[];
  close(): Promise<void>;
}

export const healthy: Script = {
  'GET /health': { body: { status: 'ok', phase: 'ready', version: '9.9.9' } },
};

/** A server that answers as scripted, and 404 in the project's error shape otherwise. */
export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const handle = async (request: IncomingMessage, reply: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://scripted');
    const one: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: parsed(await bodyOf(request)),
    };
    seen.push(one);
    const entry = script[`${one.method} ${one.path}`];
    const answer = typeof entry === 'function' ? entry(one) : (entry ?? refusal(404, 'NOT_FOUND', 'Not scripted.'));
    send(reply, answer);
  };
  const server = createServer((request, reply) => void handle(request, reply));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function refusal(status: number, code: string, message: string, hint: string | null = null): ScriptedAnswer {
  return { status, body: { success: false, error: { code, message, hint }, message } };
}

function send(reply: ServerResponse, answer: ScriptedAnswer): void {
  const { status = 200, body, text, bytes, raw } = answer;
  if (raw) raw(reply);
  else if (bytes) reply.writeHead(status, { 'content-type': 'application/gzip' }).end(bytes);
  else if (text !== undefined) reply.writeHead(status, { 'content-type': 'text/plain' }).end(text);
  else reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? { success: true }));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
