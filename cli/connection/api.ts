import type { IncomingMessage } from 'node:http';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { jsonLinesOf, textOf } from './body.ts';
import { sendRequest } from './http.ts';
import { problemFromAnswer } from './remote-problem.ts';

export interface ApiOptions {
  readonly serverUrl: string;
  readonly token: string | null;
  readonly signal?: AbortSignal;
  /** Told of every request: method, address, status, milliseconds; never headers or bodies. */
  readonly trace?: (line: string) => void;
}

export interface CallOptions {
  readonly body?: unknown;
  /** Instead of `body`, as it is; its content type is among the headers. */
  readonly rawBody?: string | Uint8Array;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** ms until the answer begins; default 30 s. */
  readonly timeoutMs?: number;
  /** A status from 400 on whose body is an answer all the same. */
  readonly alsoFine?: number;
}

/** For requests that wait for a container, a clone or an image. */
export const patientMs = 30 * 60_000;
const promptMs = 30_000;

/** Requests to one server. Errors are PloinkyError (no answer) or RemoteProblem (a refusal). */
export class Api {
  readonly serverUrl: string;
  readonly loggedIn: boolean;
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
    this.serverUrl = options.serverUrl;
    this.loggedIn = options.token !== null;
  }

  /** A route below /management/api/. */
  manage<T>(method: string, route: string, options: CallOptions = {}): Promise<T> {
    return this.json<T>(method, `/management/api/${route}`, options);
  }

  async json<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const answer = await this.#send(method, path, options);
    const text = await textOf(answer);
    const status = answer.statusCode ?? 0;
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (error) {
      throw status >= 400 && status !== 404 ? problemFromAnswer(status, undefined) : this.#stranger(path, error);
    }
    if (status >= 400 && status !== options.alsoFine) throw problemFromAnswer(status, body);
    return body as T;
  }

  async text(method: string, path: string, options: CallOptions = {}): Promise<string> {
    return textOf(await this.#accepted(method, path, options));
  }

  /** The body as it comes. */
  stream(method: string, path: string, options: CallOptions = {}): Promise<IncomingMessage> {
    return this.#accepted(method, path, options);
  }

  async *jsonLines(path: string, options: CallOptions = {}): AsyncGenerator<unknown> {
    const answer = await this.#accepted('GET', path, options);
    try {
      yield* jsonLinesOf(answer);
    } finally {
      answer.destroy();
    }
  }

  async #accepted(method: string, path: string, options: CallOptions): Promise<IncomingMessage> {
    const answer = await this.#send(method, path, options);
    const status = answer.statusCode ?? 0;
    if (status < 400) return answer;
    const text = await textOf(answer);
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      body = undefined;
    }
    throw problemFromAnswer(status, body);
  }

  async #send(method: string, path: string, options: CallOptions): Promise<IncomingMessage> {
    const url = new URL(this.serverUrl + path);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.append(name, String(value));
    }
    const { token, signal, trace } = this.#options;
    const started = performance.now();
    try {
      const answer = await sendRequest({
        method,
        url,
        headers: {
          accept: 'application/json, application/x-ndjson;q=0.9, text/plain;q=0.8, */*;q=0.1',
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === null ? {} : { cookie: `authorizationToken=${token}` }),
          ...options.headers,
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(options.rawBody === undefined ? {} : { body: options.rawBody }),
        timeoutMs: options.timeoutMs ?? promptMs,
        ...(signal ? { signal } : {}),
      });
      trace?.(`${method} ${url.href} ${answer.statusCode} ${Math.round(performance.now() - started)} ms`);
      return answer;
    } catch (error) {
      trace?.(`${method} ${url.href} failed after ${Math.round(performance.now() - started)} ms`);
      throw error;
    }
  }

  #stranger(path: string, cause: unknown): PloinkyError {
    return new PloinkyError('SERVER_ANSWER_INVALID', `What answers at ${this.serverUrl}${path} sent no JSON.`, {
      cause,
    });
  }
}
