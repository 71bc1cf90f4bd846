import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isTaskId } from '../names.ts';
import { failed, type Outcome } from '../outcome.ts';
import { BadRequest, readTask } from '../task.ts';
import type { Standing, TaskDesk } from '../task-desk.ts';
import { bodyLimit, readBody } from './read-body.ts';
import { TaskStreams } from './task-stream.ts';

/** The HTTP side of AgentCore: /health, /task, and streams of tasks. */
export class HttpServer {
  readonly #desk: TaskDesk;
  readonly #bootId: string;
  readonly #server: Server;
  readonly #streams: TaskStreams;
  #stopping = false;
  #open = 0;
  #whenDrained: (() => void) | null = null;

  constructor(desk: TaskDesk, bootId: string) {
    this.#desk = desk;
    this.#bootId = bootId;
    this.#streams = new TaskStreams(desk);
    this.#server = createServer((request, response) => {
      this.#opened(response);
      this.#answer(request, response).catch(() => response.destroy());
    });
    // The only client is the gateway, which keeps its connections. If they were closed here, a task could be sent
    // into a closing one, and nobody could say whether it arrived.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.on('upgrade', (request, socket, begun) => this.#streams.accept(request, socket, begun));
  }

  /** For listen() and close() by whoever knows the address. */
  get server(): Server {
    return this.#server;
  }

  /** Takes no more tasks; answers to those that run are still sent. */
  stop(): void {
    this.#stopping = true;
    this.#server.close();
    this.#server.closeIdleConnections();
    this.#streams.stop();
  }

  /** Resolves once every answer that was begun has left. */
  async drained(): Promise<void> {
    await this.#streams.drained();
    if (this.#open === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenDrained = resolve;
    });
  }

  #opened(response: ServerResponse): void {
    this.#open++;
    response.once('close', () => {
      this.#open--;
      if (this.#open === 0) this.#whenDrained?.();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0] ?? '';
    const { method } = request;
    if (path === '/health') {
      if (method !== 'GET' && method !== 'HEAD') return this.#wrongMethod(response, 'GET');
      if (this.#stopping) return this.#refuse(response);
      const { pid, version: node } = process;
      return send(response, 200, JSON.stringify({ status: 'ok', bootId: this.#bootId, transport: 'http', pid, node }));
    }
    if (path !== '/task' && !path.startsWith('/task/')) {
      return sendOutcome(response, 404, failed('PAYLOAD_INVALID', 'AgentCore serves /health and /task.'));
    }
    if (method === 'POST') return this.#post(request, response);
    const id = path.slice('/task/'.length);
    if (method !== 'GET' && method !== 'DELETE') return this.#wrongMethod(response, 'GET, POST, DELETE');
    if (!isTaskId(id)) return sendOutcome(response, 400, failed('PAYLOAD_INVALID', 'The path names no task id.'));
    if (method === 'DELETE') this.#desk.cancel(id);
    send(response, 200, standingJson(this.#desk.standing(id), this.#bootId));
  }

  async #post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#stopping) return this.#refuse(response);
    const text = await readBody(request);
    if (text === null) {
      response.setHeader('connection', 'close');
      return sendOutcome(response, 413, failed('PAYLOAD_INVALID', `The task is over ${bodyLimit} bytes.`));
    }
    try {
      const outcome = await this.#desk.submit(readTask(text));
      if (this.#stopping) response.setHeader('connection', 'close');
      sendOutcome(response, 200, outcome);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      sendOutcome(response, 400, failed('PAYLOAD_INVALID', error.message));
    }
  }

  #refuse(response: ServerResponse): void {
    response.setHeader('connection', 'close');
    sendOutcome(response, 503, failed('AGENT_STOPPING', 'The agent is stopping and takes no more tasks.'));
  }

  #wrongMethod(response: ServerResponse, allowed: string): void {
    response.setHeader('allow', allowed);
    sendOutcome(response, 405, failed('PAYLOAD_INVALID', `This address takes ${allowed}.`));
  }
}

/** `{state:"running"}`, `{state:"ended",outcome}`, `{state:"neverSeen"|"unknown"}`, each with the bootId. */
export function standingJson(standing: Standing, bootId: string): string {
  const rest = `"bootId":${JSON.stringify(bootId)}}`;
  if (standing.state !== 'ended') return `{"state":"${standing.state}",${rest}`;
  return `{"state":"ended","outcome":${outcomeJson(standing.outcome)},${rest}`;
}

function outcomeJson({ success, body }: Outcome): string {
  return success ? `{"success":true,"data":${body}}` : `{"success":false,"error":${body}}`;
}

function sendOutcome(response: ServerResponse, status: number, outcome: Outcome): void {
  send(response, status, outcomeJson(outcome));
}

function send(response: ServerResponse, status: number, json: string): void {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
  response.writeHead(status, headers).end(json);
}
