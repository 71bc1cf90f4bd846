import type { AcceptedCall, BatchCall, BatchResult, CallOfMany, CallOptions, ReplyOfMany, TaskView } from './calls.ts';
import { isRecord, PloinkyClientError, textOf } from './client-error.ts';
import { type RequestOptions, sessionRequest } from './session-request.ts';

export interface AgentDescription {
  /** Default `/<name>`. */
  readonly path?: string;
  /** Each becomes a method named after its last dotted part. */
  readonly commands?: readonly string[];
}

export type AgentMethod = (...params: unknown[]) => Promise<unknown>;

export interface ConfiguredAgent {
  readonly _path: string;
  readonly _client: PloinkyClient;
  /** Any command by its name. */
  readonly call: (command: string, ...params: unknown[]) => Promise<unknown>;
  readonly [command: string]: unknown;
}

export interface ClientOptions {
  /** ms; default 30 000. */
  readonly timeout?: number;
  readonly authToken?: string | null;
  readonly agents?: Readonly<Record<string, AgentDescription>>;
}

export type LoginResult =
  | { readonly success: true; readonly userId: string; readonly token: string }
  | { readonly success: false; readonly error: string };

export type LogoutResult = { readonly success: true } | { readonly success: false; readonly error: string };

/**
 * Calls agents of one server, from Node 20 on and from browsers. In Node the session token lives in memory and is
 * sent as a cookie; browsers keep it in a cookie that scripts cannot read.
 */
export class PloinkyClient {
  readonly serverUrl: string;
  readonly timeout: number;
  readonly agents: Map<string, ConfiguredAgent> = new Map();
  #authToken: string | null;

  constructor(serverUrl = 'http://localhost:8000', options: ClientOptions = {}) {
    this.serverUrl = serverUrl.endsWith('/') ? serverUrl.slice(0, -1) : serverUrl;
    this.timeout = options.timeout ?? 30_000;
    this.#authToken = options.authToken ?? null;
    if (options.agents) this.configureAgents(options.agents);
  }

  /**
   * Adds an entry of `agents` and a property for each agent. A name that the client has already, such as `call`, gets
   * the entry alone.
   */
  configureAgents(agents: Readonly<Record<string, AgentDescription>>): void {
    for (const [name, { path = `/${name}`, commands = [] }] of Object.entries(agents)) {
      const taken = name in this && !this.agents.has(name);
      const agent = this.#agent(path, commands);
      this.agents.set(name, agent);
      if (!taken) {
        Object.defineProperty(this, name, { value: agent, enumerable: true, configurable: true, writable: true });
      }
    }
  }

  /**
   * Calls a command and returns the JSON answer, `{success: true, data, taskId}`.
   * @throws PloinkyClientError for any status but 2xx, Error for a timeout or no connection
   */
  async call(agentPath: string, command: string, ...params: unknown[]): Promise<unknown> {
    return this.#json(withSlash(agentPath), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ command, params }),
    });
  }

  /**
   * As `call`, with wishes.
   * @throws PloinkyClientError for any status but 2xx, Error for a timeout or no connection
   */
  async callWith(
    agentPath: string,
    command: string,
    params: readonly unknown[],
    options: CallOptions = {},
  ): Promise<unknown> {
    return this.#json(withSlash(agentPath), this.#wished({ command, params }, options));
  }

  /**
   * Makes a call and does not wait for its outcome; `task` tells it later.
   * @throws PloinkyClientError when it was not accepted, Error for no connection
   */
  async callAsync(
    agentPath: string,
    command: string,
    params: readonly unknown[] = [],
    options: CallOptions = {},
  ): Promise<AcceptedCall> {
    const request = this.#wished({ command, params }, options);
    const headers = { ...request.headers, prefer: 'respond-async' };
    return (await this.#json(withSlash(agentPath), { ...request, headers, timeout: this.timeout })) as AcceptedCall;
  }

  /**
   * What became of a call.
   * @param waitSeconds how long it waits for the outcome, where there is none; default not at all
   * @throws PloinkyClientError TASK_NOT_FOUND
   */
  async task(taskId: string, { waitSeconds = 0 }: { readonly waitSeconds?: number } = {}): Promise<TaskView> {
    const headers: Record<string, string> = waitSeconds > 0 ? { prefer: `wait=${Math.ceil(waitSeconds)}` } : {};
    const timeout = this.timeout + 1_000 * waitSeconds;
    return (await this.#json(taskPath(taskId), { headers, timeout })) as TaskView;
  }

  /**
   * Takes a call back. One that waits for its turn ends at once; one that runs may end otherwise, and its state tells.
   * @throws PloinkyClientError TASK_NOT_FOUND, TASK_ENDED
   */
  async cancelTask(taskId: string): Promise<TaskView> {
    return (await this.#json(taskPath(taskId), { method: 'DELETE' })) as TaskView;
  }

  /**
   * Makes many calls of one deployment at once: all are accepted, with one write to the server's log, or none. Answers in
   * the order of the calls, each with its own outcome.
   * @throws PloinkyClientError when they were not accepted
   */
  async callMany(
    agentPath: string,
    calls: readonly CallOfMany[],
    options: CallOptions = {},
  ): Promise<readonly ReplyOfMany[]> {
    const { headers, ...request } = this.#wished({}, options);
    const body = calls.map(({ command, params = [] }) => JSON.stringify({ command, params })).join('\n');
    const text = await this.#text(withSlash(agentPath), {
      ...request,
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body,
    });
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as ReplyOfMany);
  }

  /** Never throws. */
  async login(apiKey: string): Promise<LoginResult> {
    try {
      const answer = await this.#auth('login', [apiKey]);
      const token = isRecord(answer) ? textOf(answer.authorizationToken) : null;
      if (!isRecord(answer) || token === null) return { success: false, error: 'The server sent no session.' };
      this.#authToken = token;
      return { success: true, userId: textOf(answer.userId) ?? 'admin', token };
    } catch (error) {
      return { success: false, error: messageOf(error) };
    }
  }

  /** Forgets the token whatever the server says. Never throws. */
  async logout(): Promise<LogoutResult> {
    try {
      await this.#auth('logout', []);
      return { success: true };
    } catch (error) {
      return { success: false, error: messageOf(error) };
    } finally {
      this.#authToken = null;
    }
  }

  setAuthToken(token: string | null): void {
    this.#authToken = token;
  }

  getAuthToken(): string | null {
    return this.#authToken;
  }

  /**
   * `fetch` with the session and a time limit, which holds until the head of the answer is there. `url` is absolute or
   * a path on the server; the token goes to the server alone.
   * @throws Error `Request timeout after <n>ms`
   */
  request(url: string, options: RequestOptions = {}): Promise<Response> {
    const { serverUrl, timeout } = this;
    return sessionRequest({ serverUrl, timeout, token: this.#authToken }, url, options);
  }

  /**
   * Sends a file to `<path>/upload` as multipart fields `file` and `metadata` (JSON). The server hands it to the agent
   * only where the agent takes multipart bodies.
   */
  async uploadFile(path: string, file: Blob, metadata: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const form = new FormData();
    form.append('file', file);
    form.append('metadata', JSON.stringify(metadata));
    return this.#json(`${withSlash(path)}/upload`, { method: 'POST', body: form });
  }

  /**
   * Listens to `<path>/subscribe?command=…` with an EventSource. Servers of this version have no such route yet; then,
   * and where there is no EventSource (Node 20), `onError` is told.
   */
  subscribe(
    path: string,
    command: string,
    onMessage: (data: unknown) => void,
    onError: (error: unknown) => void = () => {},
  ): { close(): void } {
    const EventSourceHere = (globalThis as { EventSource?: typeof EventSource }).EventSource;
    if (!EventSourceHere) {
      queueMicrotask(() => onError(new Error('There is no EventSource here; subscribe works in browsers only.')));
      return { close: () => {} };
    }
    const url = `${this.serverUrl}${withSlash(path)}/subscribe?command=${encodeURIComponent(command)}`;
    const source = new EventSourceHere(url, { withCredentials: true });
    source.onmessage = ({ data }) => onMessage(parsed(String(data)));
    source.onerror = onError;
    return { close: () => source.close() };
  }

  /** One call after the other; one that fails does not keep the others from being made. */
  async batch(calls: readonly BatchCall[]): Promise<BatchResult> {
    const results: BatchResult['results'] = [];
    const errors: BatchResult['errors'] = [];
    for (const [index, { agent, path, command, params = [] }] of calls.entries()) {
      try {
        const target = agent === undefined ? path : (this.agents.get(agent)?._path ?? agent);
        if (target === undefined) throw new Error('A call of a batch needs "agent" or "path".');
        results.push({ index, success: true, result: await this.call(target, command, ...params) });
      } catch (error) {
        errors.push({ index, success: false, error: messageOf(error) });
      }
    }
    return { results, errors, success: errors.length === 0 };
  }

  #agent(path: string, commands: readonly string[]): ConfiguredAgent {
    const methods: Record<string, unknown> = Object.create(null);
    for (const command of commands) {
      const method: AgentMethod = (...params) => this.call(path, command, ...params);
      methods[command.slice(command.lastIndexOf('.') + 1)] = method;
    }
    const call = (command: string, ...params: unknown[]) => this.call(path, command, ...params);
    return Object.assign(methods, { call, _path: path, _client: this }) as ConfiguredAgent;
  }

  #auth(command: string, params: readonly string[]): Promise<unknown> {
    return this.#json('/auth', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ command, params }),
    });
  }

  /** A call that takes long is waited for as long as it may take. */
  #wished(body: unknown, { timeoutMs, priority, idempotencyKey, callback }: CallOptions) {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (timeoutMs !== undefined) headers['x-task-timeout'] = String(timeoutMs);
    if (priority !== undefined) headers['x-task-priority'] = priority;
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    if (callback !== undefined) headers['x-callback-url'] = callback;
    const timeout = timeoutMs === undefined ? this.timeout : Math.max(this.timeout, timeoutMs + 10_000);
    return { method: 'POST', headers, body: JSON.stringify(body), timeout };
  }

  async #json(path: string, options: RequestOptions): Promise<unknown> {
    return parsed(await this.#text(path, options));
  }

  async #text(path: string, options: RequestOptions): Promise<string> {
    const answer = await this.request(this.serverUrl + path, options);
    const text = await answer.text();
    if (!answer.ok) throw new PloinkyClientError(answer.status, text.slice(0, 200) || answer.statusText, parsed(text));
    return text;
  }
}

function taskPath(taskId: string): string {
  return `/client/tasks/${encodeURIComponent(taskId)}`;
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** JSON where it is JSON, else the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
