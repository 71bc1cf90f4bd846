import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/clock/clock.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../../core/events/catalogue.ts';
import { Kernel } from '../../../core/kernel/kernel.ts';
import { Store } from '../../../core/kernel/store.ts';
import { materialize } from '../../../core/log/externalize.ts';
import { createMemoryBlobStore } from '../../../core/log/file-blobs.ts';
import type { EventLog } from '../../../core/log/log-port.ts';
import { createMemoryLog } from '../../../core/log/memory-log.ts';
import { projections } from '../../../projections/registry.ts';
import type { Views } from '../../../projections/views.ts';
import { plainState } from '../../story.ts';

const origin = { actor: 'test', cause: null, trace: 't' };

async function kernelOn(log: EventLog = createMemoryLog(), followed?: () => Promise<void>) {
  let ids = 0;
  const store = new Store<Views>(projections);
  const blobs = createMemoryBlobStore();
  const committed: string[] = [];
  const kernel = await Kernel.start<Views>({
    log,
    blobs,
    store,
    clock: systemClock,
    newId: () => {
      ids += 1;
      return `id${ids}`;
    },
    onCommitted: (events) => committed.push(...events.map(({ type }) => type)),
    ...(followed ? { followed } : {}),
  });
  return { kernel, log, store, blobs, committed };
}

function addDomain(name: string): PloinkyDraft {
  return { type: 'domain.added', stream: `domain:${name}`, data: { name } };
}

describe('a decision', () => {
  it('sees the events of every decision before it', async () => {
    const { kernel } = await kernelOn();
    const once = (views: Views) => (views.domains.has('a.example') ? [] : [addDomain('a.example')]);
    const answers = await Promise.all(Array.from({ length: 10 }, () => kernel.execute(once, origin)));
    expect(answers.map((events) => events.length)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('is folded before it is answered', async () => {
    const { kernel, committed } = await kernelOn();
    await kernel.execute(() => [addDomain('a.example')], origin);
    expect(kernel.views.domains.has('a.example')).toBe(true);
    expect(committed).toEqual(['domain.added']);
  });

  it('that throws stores nothing and does not hold up the next', async () => {
    const { kernel, log } = await kernelOn();
    const refusal = kernel.execute(() => {
      throw new PloinkyError('DOMAIN_NOT_FOUND', 'no');
    }, origin);
    await expect(refusal).rejects.toMatchObject({ code: 'DOMAIN_NOT_FOUND' });
    await kernel.execute(() => [addDomain('a.example')], origin);
    expect(log.head().seq).toBe(1);
  });

  it('with an event that does not fit its schema is refused as a whole', async () => {
    const { kernel, log } = await kernelOn();
    const bad = { type: 'domain.added', stream: 'domain:x', data: { name: 7 } } as unknown as PloinkyDraft;
    const outcome = kernel.execute(() => [addDomain('a.example'), bad], origin);
    await expect(outcome).rejects.toMatchObject({ code: 'EVENT_INVALID', message: expect.stringContaining('/name') });
    expect(log.head().seq).toBe(0);
  });

  it('with the same key has its events once', async () => {
    const { kernel, log } = await kernelOn();
    const decide = () => [{ type: 'access.denied', stream: 'cloud', data: denied } as const];
    const first = await kernel.append(decide(), origin, { idempotencyKey: 'k' }).catch((error) => error);
    const second = await kernel.append(decide(), origin, { idempotencyKey: 'k' });
    expect(second).toEqual(first);
    expect(log.head().seq).toBe(1);
  });
});

const denied = { method: 'GET', route: '/', reason: 'no proof', count: 1 };

describe('followers of the state', () => {
  it('have folded what a decision or an outcome made before either resolves', async () => {
    const waits: (() => void)[] = [];
    const { kernel, committed } = await kernelOn(createMemoryLog(), () => new Promise((done) => waits.push(done)));
    const order: string[] = [];
    const decision = kernel.execute(() => [addDomain('a.example')], origin).then(() => order.push('decided'));
    const outcome = kernel.record([addDomain('b.example')], origin).then(() => order.push('recorded'));
    // One that is slow to follow holds up answers, but no decision.
    await expect.poll(() => waits.length).toBe(2);
    expect(committed).toEqual(['domain.added', 'domain.added']);
    expect(order).toEqual([]);
    for (const done of waits) done();
    await Promise.all([decision, outcome]);
    expect(order).toEqual(['decided', 'recorded']);
  });
});

describe('an outcome', () => {
  it('that the state no longer takes is left out', async () => {
    const { kernel, log } = await kernelOn();
    await kernel.execute(() => [addDomain('a.example')], origin);
    const late: PloinkyDraft = { type: 'container.healthy', stream: 'container:x', data: healthy };
    const disabled: PloinkyDraft = { type: 'domain.disabled', stream: 'domain:a.example', data: { name: 'a.example' } };
    const stored = await kernel.record([late, disabled], origin);
    expect(stored.map(({ type }) => type)).toEqual(['domain.disabled']);
    expect(log.head().seq).toBe(2);
  });

  it('is left out as a whole where its parts belong together', async () => {
    const { kernel, store } = await kernelOn();
    await kernel.execute(() => [addDomain('a')], origin);
    const late: PloinkyDraft = { type: 'domain.enabled', stream: 'domain:gone', data: { name: 'gone' } };
    const disabled: PloinkyDraft = { type: 'domain.disabled', stream: 'domain:a', data: { name: 'a' } };
    expect(await kernel.record([late, disabled], origin, { together: true })).toEqual([]);
    expect(store.views.domains.get('a')?.enabled).toBe(true);
    expect(await kernel.record([disabled], origin, { together: true })).toHaveLength(1);
  });
});

const healthy = { transport: 'http' as const, bootId: null, afterMs: 1, port: null };

describe('a large payload', () => {
  it('goes to the blob store', async () => {
    const { kernel, log, blobs } = await kernelOn();
    await kernel.append([enqueued('t', ['x'.repeat(10_000)])], origin);
    const { params } = (await dataOf(log))[0] as { params: { $blob: string; size: number } };
    expect(params).toMatchObject({ $blob: expect.stringMatching(/^[0-9a-f]{64}$/), size: 10_004 });
    expect(await blobs.get(params)).toBe(JSON.stringify(['x'.repeat(10_000)]));
  });

  it('is told from a small one that only looks like a reference', async () => {
    const { kernel, log, blobs } = await kernelOn();
    const fake = { $blob: 'f'.repeat(64), size: 1 };
    await kernel.append([enqueued('t', ['small'])], origin);
    const ended = { taskId: 't', durationMs: 1, deployment: 'localhost/x', command: 'x', data: fake };
    await kernel.append([{ type: 'task.completed', stream: 'task:t', data: ended }], origin);
    const [first, second] = await dataOf(log);
    expect(first).toMatchObject({ params: ['small'] });
    expect(await materialize(second, blobs)).toMatchObject({ data: fake });
  });
});

async function dataOf(log: EventLog): Promise<unknown[]> {
  const data: unknown[] = [];
  for await (const event of log.read()) data.push(event.data);
  return data;
}

function enqueued(taskId: string, params: unknown): PloinkyDraft {
  const call = { deployment: 'localhost/x', release: 1, container: 'c', bootId: null, command: 'x' };
  const rest = { params, runForUserId: 'u', timeoutMs: 1, priority: 'normal', callback: null } as const;
  return { type: 'task.enqueued', stream: `task:${taskId}`, data: { taskId, ...call, ...rest } };
}

describe('a start', () => {
  it('folds history to the state that the former run had', async () => {
    const log = createMemoryLog();
    const { kernel, store } = await kernelOn(log);
    for (let i = 0; i < 50; i += 1) await kernel.execute(() => [addDomain(`d${i}.example`)], origin);
    const again = await kernelOn(log);
    expect(plainState(again.store.views)).toEqual(plainState(store.views));
    expect(again.store.seq).toBe(50);
  });
});
