import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { BlobStore } from '../../core/log/blob-port.ts';
import { compareOutcomes } from '../../history/compare-outcomes.ts';
import { Past } from '../../history/past.ts';
import { task } from '../../history/questions/task.ts';
import { tasks } from '../../history/questions/tasks.ts';
import type { Outcome } from '../../history/recorded-task.ts';
import type { Story } from '../story.ts';
import { callAgent, memoryLogOf, twoReleases } from './recorded.ts';

const missing: BlobStore = {
  put: () => Promise.reject(new Error('nothing is stored')),
  get: () => Promise.reject(new PloinkyError('BLOB_MISSING', 'gone')),
};
const now = () => Date.parse('2026-01-01T01:00:00Z');
const pastOf = async (story: Story, blobs = missing) => new Past({ log: await memoryLogOf(story), blobs, now });
const ids = (answer: Awaited<ReturnType<typeof tasks.answer>>) => answer.tasks.map(({ taskId }) => taskId);

describe('tasks', () => {
  it('are listed newest last, with what became of each', async () => {
    const { tasks: rows } = await tasks.answer(await pastOf(twoReleases()), {});
    expect(rows).toMatchObject([
      { taskId: 't1', deployment: 'localhost/demo', release: 1, status: 'completed', durationMs: 20, user: 'ann' },
      { taskId: 't2', release: 2, command: 'hello', status: 'failed' },
      { taskId: 't3', release: 2, status: 'open', durationMs: null },
    ]);
  });

  it('are chosen by deployment, status, command, user, and the newest few', async () => {
    const past = await pastOf(twoReleases());
    expect(ids(await tasks.answer(past, { status: 'failed' }))).toEqual(['t2']);
    expect(ids(await tasks.answer(past, { status: 'open' }))).toEqual(['t3']);
    expect(ids(await tasks.answer(past, { deployment: '/demo', user: 'ann', command: 'hello' }))).toHaveLength(3);
    expect(ids(await tasks.answer(past, { deployment: 'localhost' }))).toEqual([]);
    expect(ids(await tasks.answer(past, { user: 'bob' }))).toEqual([]);
    expect(ids(await tasks.answer(past, { limit: 2 }))).toEqual(['t2', 't3']);
    await expect(tasks.answer(past, { deployment: 'no host!' })).rejects.toThrow('not a valid host name');
  });

  it('are chosen by when they were accepted, with outcomes that came later', async () => {
    const story = twoReleases();
    const past = await pastOf(story);
    const [first, second] = story.events.filter(({ type }) => type === 'task.enqueued');
    expect(ids(await tasks.answer(past, { until: String(first?.seq) }))).toEqual(['t1']);
    expect(await tasks.answer(past, { until: String(first?.seq) })).toMatchObject({ tasks: [{ status: 'completed' }] });
    expect(ids(await tasks.answer(past, { since: String(second?.seq) }))).toEqual(['t2', 't3']);
    expect(ids(await tasks.answer(past, { since: second?.time as string }))).toEqual(['t3']);
    expect(ids(await tasks.answer(past, { since: '2020-01-01' }))).toHaveLength(3);
    expect(ids(await tasks.answer(past, { since: '10m' }))).toEqual([]);
    await expect(tasks.answer(past, { since: '9999' })).rejects.toThrow('There is no event 9999');
  });

  it('that waited, or were refused, are listed with the release that ran them, wherever the window ends', async () => {
    const story = twoReleases();
    const accepted = { deployment: 'localhost/demo', release: 1, bootId: null, command: 'hello', params: [] };
    const wishes = { runForUserId: 'ann', timeoutMs: 1_000, priority: 'low', callback: null } as const;
    const ended = { taskId: 'waited', durationMs: 1, deployment: 'localhost/demo', command: 'hello' };
    const stream = 'task:waited';
    story.tell(
      { type: 'task.enqueued', stream, data: { taskId: 'waited', container: null, ...accepted, ...wishes } },
      { type: 'task.assigned', stream, data: { taskId: 'waited', release: 1, container: 'b', bootId: null } },
      { type: 'task.assigned', stream, data: { taskId: 'waited', release: 2, container: 'c', bootId: null } },
      { type: 'task.timedOut', stream, data: { ...ended, timeoutMs: 1_000, started: true } },
    );
    const past = await pastOf(story);
    const seq = story.events.length - 3;
    for (const until of [seq, seq + 1, seq + 2, seq + 3]) {
      const { tasks: rows } = await tasks.answer(past, { since: String(seq), until: String(until) });
      expect(rows).toMatchObject([{ taskId: 'waited', release: 2, status: 'timedOut' }]);
    }
    expect(await task.answer(past, { id: 'waited' })).toMatchObject({ release: 2, container: 'c', priority: 'low' });
  });

  it('every window of history has just the calls that were accepted in it', async () => {
    const story = twoReleases();
    for (let i = 0; i < 20; i += 1) callAgent(story, `m${i}`, [i], i % 3 === 0 ? null : { data: i });
    const past = await pastOf(story);
    const accepted = story.events.filter(({ type }) => type === 'task.enqueued');
    const seq = fc.integer({ min: 1, max: story.events.length });
    await fc.assert(
      fc.asyncProperty(seq, seq, async (a, b) => {
        const [since, until] = [Math.min(a, b), Math.max(a, b)];
        const found = await tasks.answer(past, { since: String(since), until: String(until) });
        const wanted = accepted.filter((event) => event.seq >= since && event.seq <= until);
        expect(ids(found)).toEqual(wanted.map(({ stream }) => stream.slice('task:'.length)));
        for (const row of found.tasks) {
          const ended = story.events.some((e) => e.stream === `task:${row.taskId}` && e.type !== 'task.enqueued');
          expect(row.status !== 'open').toBe(ended);
        }
      }),
    );
  });
});

describe('one task', () => {
  it('has everything that the log knows of it', async () => {
    const answer = await task.answer(await pastOf(twoReleases()), { id: 't1' });
    expect(answer).toMatchObject({
      status: 'completed',
      deployment: 'localhost/demo',
      release: 1,
      source: { repository: 'PloinkyDemo', commit: 'a'.repeat(40) },
      command: 'hello',
      params: ['World'],
      user: 'ann',
      outcome: { success: true, data: 'Hello, World!' },
      events: [{ type: 'task.enqueued' }, { type: 'task.completed' }],
    });
    expect(answer.causes).toEqual(answer.events.map(({ id }) => id).toReversed());
  });

  it('has its problem, or no outcome yet', async () => {
    const past = await pastOf(twoReleases());
    expect(await task.answer(past, { id: 't2' })).toMatchObject({
      status: 'failed',
      outcome: { success: false, code: 'TASK_FAILED', message: 'no luck' },
    });
    expect(await task.answer(past, { id: 't3' })).toMatchObject({ status: 'open', outcome: null, endedAt: null });
    await expect(task.answer(past, { id: 't9' })).rejects.toThrow('The log knows no task "t9".');
  });

  it('has its large payloads from beside the log; where those are gone, what named them', async () => {
    const story = twoReleases();
    const blob = { $blob: 'b'.repeat(64), size: 20_000 };
    callAgent(story, 'big', blob, { data: blob });
    const there: BlobStore = { ...missing, get: async () => '["large"]' };
    expect(await task.answer(await pastOf(story, there), { id: 'big' })).toMatchObject({
      params: ['large'],
      outcome: { data: ['large'] },
    });
    expect(await task.answer(await pastOf(story), { id: 'big' })).toMatchObject({
      params: blob,
      outcome: { data: blob },
    });
  });

  it('keeps an answer that looks like the name of a payload, but is not', async () => {
    const story = twoReleases();
    const odd = { inner: { $blob: 'c'.repeat(64), size: 1 } };
    callAgent(story, 'odd', [odd], { data: odd });
    expect(await task.answer(await pastOf(story), { id: 'odd' })).toMatchObject({
      params: [odd],
      outcome: { data: odd },
    });
  });
});

describe('two outcomes', () => {
  const answered = (data: unknown): Outcome => ({ success: true, data });
  const failed = (code: string, message = 'm', details: unknown = null): Outcome => {
    return { success: false, code, message, details };
  };

  it.each([
    ['equal answers, whatever the order of keys', answered({ a: 1, b: 2 }), answered({ b: 2, a: 1 }), 'same'],
    ['other answers', answered(1), answered(2), 'different'],
    ['no answer any more', answered(1), failed('X'), 'failed'],
    ['an answer at last', failed('X'), answered(1), 'different'],
    ['the same failure, with other details', failed('X', 'm', { pid: 1 }), failed('X', 'm', { pid: 2 }), 'same'],
    ['another message', failed('X', 'm'), failed('X', 'n'), 'different'],
    ['another code', failed('X'), failed('Y'), 'different'],
    ['nothing and null', answered(undefined), answered(null), 'same'],
  ])('%s', (_what, before, after, verdict) => {
    const compared = compareOutcomes(before, after);
    expect(compared.verdict).toBe(verdict);
    expect(compared.changes.length === 0).toBe(verdict === 'same');
  });
});
