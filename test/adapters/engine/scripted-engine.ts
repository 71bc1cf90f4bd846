import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { captured } from './captured.ts';

export interface Asked {
  readonly method: string;
  readonly url: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the adapter sent
  readonly body: any;
}

/** Answers one request: a status with JSON, or by hand. */
export type Answer = { status: number; json?: unknown } | ((response: ServerResponse, asked: Asked) => void);

export interface ScriptedEngine {
  readonly socketPath: string;
  readonly asked: Asked[];
  /** What `METHOD /path` (without query) is answered; a list is used up answer by answer, its last one stays. */
  on(question: string, ...answers: Answer[]): void;
  /** Connections that are open now. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}

/** Something that speaks like Docker or Podman on a socket and does what a test says, also what no real engine does on demand. */
export async function startScriptedEngine(engine: 'docker' | 'podman'): Promise<ScriptedEngine> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pk-'));
  const socketPath = path.join(folder, 'e.sock');
  const answers = new Map<string, Answer[]>();
  const asked: Asked[] = [];
  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    const one = { method: request.method ?? '', url: request.url ?? '', body: await bodyOf(request) };
    asked.push(one);
    const known = answers.get(`${one.method} ${one.url.split('?')[0]}`);
    const answer = known && known.length > 1 ? known.shift() : known?.[0];
    if (typeof answer === 'function') return answer(response, one);
    response.writeHead(answer?.status ?? 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer?.json ?? { message: 'not scripted' }));
  };
  const server = createServer((request, response) => void reply(request, response));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const on: ScriptedEngine['on'] = (question, ...list) => void answers.set(question, list);
  on('GET /version', { status: 200, json: captured(engine, 'version') });
  on('GET /info', { status: 200, json: captured(engine, 'info') });
  return {
    socketPath,
    asked,
    on,
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-type'] === 'application/tar') {
    // The sender may give up in the middle.
    await finished(request.resume()).catch(() => undefined);
    return null;
  }
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? null : JSON.parse(text);
}
