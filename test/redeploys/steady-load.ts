import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Dispatcher, Pool, WebSocket } from 'undici';

export type LoadKind = 'call' | 'longCall' | 'page' | 'post' | 'longPage' | 'socket' | 'stream';

export interface LoadOptions {
  readonly url: string;
  /** Requests a second: calls, pages and posted bodies in turn. */
  readonly rate: number;
  /** Length of the long calls and pages, of which one of each begins every second; 0 = none. */
  readonly longMs: number;
  readonly sockets: number;
  readonly streams: number;
  /** A conversation that broke before its answer began is tried again, where asking twice is harmless. */
  readonly retries: boolean;
}

/** A request that was not answered as it should. Times of `performance.now()`. */
export interface Failure {
  readonly kind: LoadKind;
  readonly begun: number;
  readonly ended: number;
  readonly what: string;
}

export interface Count {
  /** Answered, or ended as it should. */
  whole: number;
  /** Of those: after a first attempt that broke off. */
  retried: number;
}

const kinds: readonly LoadKind[] = ['call', 'longCall', 'page', 'post', 'longPage', 'socket', 'stream'];
const beatMs = 100;
/** A long request may meet several kills. */
const mostAttempts = 10;

/** Requests of many kinds at a steady rate, whatever becomes of those before. Who answers must be a release that may. */
export class SteadyLoad {
  readonly counts = Object.fromEntries(kinds.map((kind) => [kind, { whole: 0, retried: 0 }])) as Record<
    LoadKind,
    Count
  >;
  readonly failures: Failure[] = [];
  /** The releases of each agent that may answer: from the last one whose deploy was answered up to the newest one. */
  readonly releases: Readonly<Record<'caller' | 'plain' | 'web', { oldest: number; newest: number }>>;
  readonly #options: LoadOptions;
  /** Tells its calls from those of another load. */
  readonly #name = randomUUID();
  readonly #pool: Pool;
  readonly #open = new Set<Promise<void>>();
  #last = 0;
  #running: Promise<void> | null = null;
  #stopped = false;

  /** @param release that serves now, of each agent */
  constructor(options: LoadOptions, release: number) {
    this.#options = options;
    const only = () => ({ oldest: release, newest: release });
    this.releases = { caller: only(), plain: only(), web: only() };
    this.#pool = new Pool(options.url, {
      connections: 256,
      pipelining: 1,
      headersTimeout: 60_000,
      bodyTimeout: 60_000,
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const { rate, longMs, sockets, streams } = this.#options;
    for (let i = 0; i < sockets; i += 1) this.#begin(this.#keepOpen('socket', () => this.#socket()));
    for (let i = 0; i < streams; i += 1) this.#begin(this.#keepOpen('stream', () => this.#stream()));
    const began = performance.now();
    for (let n = 0; !this.#stopped; n += 1) {
      const due = began + (n * 1_000) / rate - performance.now();
      if (due > 0) await wait(due);
      this.#begin(this.#request((['call', 'page', 'call', 'post'] as const)[n % 4] ?? 'call', 0));
      if (longMs === 0 || n % rate !== 0) continue;
      this.#begin(this.#request('longCall', longMs));
      this.#begin(this.#request('longPage', longMs));
    }
  }

  /** Nothing new; resolves when everything is answered or broken. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await Promise.all(this.#open);
    await this.#pool.destroy();
  }

  #begin(one: Promise<void>): void {
    this.#open.add(one);
    void one.finally(() => this.#open.delete(one));
  }

  #fail(kind: LoadKind, begun: number, error: unknown): void {
    const { message, code } = error as NodeJS.ErrnoException;
    this.failures.push({
      kind,
      begun,
      ended: performance.now(),
      what: code === undefined ? message : `${code} ${message}`,
    });
  }

  async #request(kind: LoadKind, ms: number): Promise<void> {
    this.#last += 1;
    const nonce = `${this.#name}-${this.#last}`;
    const begun = performance.now();
    const releases = this.releases[kind === 'call' || kind === 'longCall' ? 'caller' : 'plain'];
    const { oldest } = releases;
    const again = this.#options.retries && kind !== 'post';
    for (let attempt = 1; ; attempt += 1) {
      let answer: Dispatcher.ResponseData;
      try {
        answer = await this.#pool.request(requestOf(kind, nonce, ms));
      } catch (error) {
        if (again && attempt < mostAttempts) continue;
        this.#fail(kind, begun, error);
        return;
      }
      try {
        check(nonce, { oldest, newest: releases.newest }, answer.statusCode, await answer.body.text());
        this.counts[kind].whole += 1;
        if (attempt > 1) this.counts[kind].retried += 1;
      } catch (error) {
        this.#fail(kind, begun, error);
      }
      return;
    }
  }

  /** Opened again whenever it ended in order, as clients of such connections do. */
  async #keepOpen(kind: LoadKind, once: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      const begun = performance.now();
      try {
        await once();
        this.counts[kind].whole += 1;
      } catch (error) {
        this.#fail(kind, begun, error);
        await wait(beatMs);
      }
    }
  }

  /** Resolves when the service said goodbye, or at the end of the load; rejects when it was cut or forgot an answer. */
  #socket(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`${this.#options.url.replace(/^http/, 'ws')}/web/`);
      let sent = 0;
      let heard = 0;
      const timer = setInterval(() => {
        if (socket.readyState !== WebSocket.OPEN) return;
        if (this.#stopped) socket.close();
        else socket.send(String(++sent));
      }, beatMs);
      socket.addEventListener('message', ({ data }) => {
        heard = Number(data);
      });
      socket.addEventListener('error', () => {});
      socket.addEventListener('close', ({ code }) => {
        clearInterval(timer);
        if (code === 1001 || this.#stopped) resolve();
        else reject(new Error(`a WebSocket was closed with ${code} after ${heard} of ${sent} answers`));
      });
    });
  }

  async #stream(): Promise<void> {
    const answer = await this.#pool.request({ method: 'GET', path: '/web/events' });
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${await answer.body.text()}`);
    for await (const _ of answer.body) if (this.#stopped) return;
  }
}

function requestOf(kind: LoadKind, nonce: string, ms: number): Dispatcher.RequestOptions {
  if (kind === 'page' || kind === 'longPage') return { method: 'GET', path: `/plain/say?nonce=${nonce}&ms=${ms}` };
  if (kind === 'post') return { method: 'POST', path: '/plain/say', body: nonce };
  return {
    method: 'POST',
    path: ms === 0 ? '/caller/say' : '/caller/slow',
    headers: { 'content-type': 'application/json', 'idempotency-key': nonce },
    body: JSON.stringify({ params: ms === 0 ? [nonce] : [nonce, ms] }),
  };
}

/** @throws Error when the answer is none, or of somebody who should not have been asked */
function check(
  nonce: string,
  { oldest, newest }: { oldest: number; newest: number },
  status: number,
  text: string,
): void {
  if (status !== 200) throw new Error(`${status} ${text.slice(0, 300)}`);
  const body = JSON.parse(text) as { data?: unknown };
  const said = (body.data ?? body) as { nonce?: string; release?: string };
  const release = Number(said.release);
  const right = said.nonce === nonce && release >= oldest && release <= newest;
  if (!right) throw new Error(`wrong: asked ${nonce} of release ${oldest} or later, answered ${text.slice(0, 300)}`);
}
