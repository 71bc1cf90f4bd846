import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventEnvelope } from '../../../core/events/envelope.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
  await server.deploy('/demo');
});
afterEach(() => server.close());

const origin = { actor: 'admin:k', trace: 'later' };
const addDomain = (name: string) => {
  server.cloud.append([{ type: 'domain.added', stream: `domain:${name}`, data: { name } }], origin);
};
const lines = async (query: string): Promise<EventEnvelope[]> => {
  const response = await server.admin(`/management/api/history${query}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  return (await response.text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
};
const seqs = async (query: string) => (await lines(query)).map(({ seq }) => seq);

/** Reads a stream piece by piece. */
class Reader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  text = '';

  constructor(response: Response) {
    if (!response.body) throw new Error('no body');
    this.#reader = response.body.getReader();
  }

  async until(wanted: string): Promise<void> {
    while (!this.text.includes(wanted)) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`the stream ended before ${wanted}: ${this.text}`);
      this.text += Buffer.from(value).toString('utf8');
    }
  }

  async end(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      this.text += Buffer.from(value).toString('utf8');
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

describe('history', () => {
  it('is every event, oldest first, one a line', async () => {
    expect(await lines('')).toEqual(server.cloud.events);
  });

  it('takes the newest of a limit, and the first after from', async () => {
    const last = server.cloud.head().seq;
    expect(await seqs('?limit=2')).toEqual([last - 1, last]);
    expect(await seqs('?limit=2&from=2')).toEqual([2, 3]);
    expect(await seqs('?from=2&to=4')).toEqual([2, 3, 4]);
    expect(await seqs(`?from=${last + 5}`)).toEqual([]);
    expect(await seqs('?limit=2&to=5')).toEqual([4, 5]);
  });

  it('filters', async () => {
    expect((await lines('?deployment=/demo')).map(({ stream }) => stream)).toEqual(
      server.cloud.events.map(({ stream }) => stream).filter((stream) => /localhost.demo/.test(stream)),
    );
    expect((await lines('?type=key.*,cloud.initialized')).map(({ type }) => type)).toEqual([
      'cloud.initialized',
      'key.created',
    ]);
    expect((await lines('?type=key.created&type=domain.added')).length).toBe(2);
    expect((await lines('?actor=system&trace=pipeline')).length).toBe(7);
    server.cloud.time += 3_600_000;
    addDomain('late.example.org');
    expect((await lines('?since=10m')).length).toBe(1);
    expect((await lines('?until=10m')).length).toBe(server.cloud.events.length - 1);
    expect((await lines('?since=10m&limit=50')).length).toBe(1);
  });

  it.each(['?type=nothing', '?since=soon', '?limit=0', '?from=x', '?follow=1&to=3', '?deployment=a%20b/c'])(
    'refuses %s',
    async (query) => {
      const response = await server.admin(`/management/api/history${query}`);
      expect([response.status, await response.json()]).toMatchObject([400, { success: false }]);
    },
  );

  it('one event is there or not', async () => {
    expect(await (await server.admin('/management/api/events/2')).json()).toEqual(server.cloud.events[1]);
    expect((await server.admin('/management/api/events/9999')).status).toBe(404);
    expect((await server.admin('/management/api/events/x')).status).toBe(400);
  });
});

describe('following', () => {
  it('goes on with what comes, filtered, without gap or double', async () => {
    const query = '?follow=1&type=domain.*,task.*&limit=1';
    const reader = new Reader(await server.admin(`/management/api/history${query}`));
    await reader.until('"domain:localhost"');
    for (let i = 0; i < 50; i += 1) addDomain(`d${i}.example.org`);
    await reader.until('"domain:d49.example.org"');
    const names = reader.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).data.name);
    expect(names).toEqual(['localhost', ...Array.from({ length: 50 }, (_, i) => `d${i}.example.org`)]);
    await reader.cancel();
    await vi.waitFor(() => expect(server.cloud.subscribers).toBe(0));
  });

  it('ends well when the server closes', async () => {
    const reader = new Reader(await server.admin('/management/api/history?follow=1'));
    await reader.until('"cloud.initialized"');
    await server.http.close();
    await reader.end();
    expect(reader.text.endsWith('\n')).toBe(true);
    expect(server.cloud.subscribers).toBe(0);
  });

  it('a reader that does not read costs no memory and holds up nobody', async () => {
    let reads = 0;
    server.cloud.onRead = () => {
      reads += 1;
    };
    const response = await server.admin('/management/api/history?follow=1');
    const big = 'x'.repeat(50_000);
    for (let i = 0; i < 400; i += 1) {
      server.cloud.append(
        [{ type: 'setting.changed', stream: 'cloud', data: { name: 'serverName', value: big, previous: '' } }],
        origin,
      );
    }
    expect((await server.fetch('/health')).status).toBe(200);
    expect(reads).toBeLessThan(10);
    await response.body?.cancel();
    await vi.waitFor(() => expect(server.cloud.subscribers).toBe(0));
  });

  it('as server-sent events, resumed after the last one seen', async () => {
    const headers = { 'last-event-id': '2' };
    const response = await server.admin('/management/api/events?type=domain.added', { headers });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = new Reader(response);
    await reader.until('domain:localhost');
    addDomain('new.example.org');
    await reader.until('domain:new.example.org');
    const seq = server.cloud.head().seq;
    expect(reader.text).toContain(`id: ${seq}\nevent: domain.added\ndata: {`);
    await reader.cancel();
  });
});
