import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { ServerProcess } from './server-process.ts';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly body: any;
}

/** An operator with an API key, over real HTTP. */
export class Operator {
  readonly #server: ServerProcess;
  apiKey = '';

  constructor(server: ServerProcess) {
    this.#server = server;
  }

  async initialize(): Promise<void> {
    const { body } = await this.request('POST', '/management/api/init');
    this.apiKey = body.apiKey;
  }

  /** Rejects only when the conversation itself breaks. */
  async request(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
    const response = await fetch(this.#server.url + path, {
      method,
      headers: {
        ...(this.apiKey ? { 'x-api-key': this.apiKey } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    const text = await response.text();
    try {
      return { status: response.status, body: JSON.parse(text) };
    } catch {
      return { status: response.status, body: text };
    }
  }

  async set(values: Record<string, unknown>): Promise<void> {
    const { status, body } = await this.request('POST', '/management/api/settings', values);
    if (status !== 200) throw new Error(JSON.stringify(body));
  }

  async history(query: string): Promise<EventEnvelope[]> {
    const response = await fetch(`${this.#server.url}/management/api/history?${query}`, {
      headers: { 'x-api-key': this.apiKey },
    });
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    if (response.status !== 200) throw new Error(lines.join('\n'));
    return lines.map((line) => JSON.parse(line) as EventEnvelope);
  }

  /** Everything that is told as durable until the server ends. */
  async follow(from: number, told: (event: EventEnvelope) => void): Promise<void> {
    try {
      const response = await fetch(`${this.#server.url}/management/api/history?follow=1&from=${from}`, {
        headers: { 'x-api-key': this.apiKey },
      });
      let rest = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') told(JSON.parse(line) as EventEnvelope);
      }
    } catch {
      // The server was killed: what it had told until then counts.
    }
  }
}

/** Asks until the answer is there; fails with the last one when `seconds` are over. */
export async function eventually<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const until = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < until) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what} did not happen within ${seconds} s`, { cause: last });
}
