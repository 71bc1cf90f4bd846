import fc from 'fast-check';
import { applyPatch } from 'rfc6902';
import { describe, expect, it } from 'vitest';
import { Store } from '../../core/kernel/store.ts';
import type { EventLog } from '../../core/log/log-port.ts';
import { createMemoryLog } from '../../core/log/memory-log.ts';
import { dump } from '../../history/dump.ts';
import { Past } from '../../history/past.ts';
import { whatif } from '../../history/questions/whatif.ts';
import { faultOf } from '../../history/supposed-event.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import { memoryLogOf, newEvents, twoReleases } from './recorded.ts';

const story = twoReleases();
const { events } = story;
const head = events.length;
const log: EventLog = await memoryLogOf(story);
const blobs = {
  put: () => Promise.reject(new Error('nothing is stored')),
  get: () => Promise.reject(new Error('none')),
};
const past = new Past({ log, blobs, now: () => Date.parse('2027-01-01') });

type Args = Parameters<typeof whatif.answer>[1];
const ask = (args: Args) => whatif.answer(past, args);
const seqOf = (type: string, n = 0) => events.filter((event) => event.type === type)[n]?.seq as number;
const stateAt = (seq: number) => {
  const store = new Store<Views>(projections);
  store.apply(events.slice(0, seq));
  return dump(store.views);
};
const exited = {
  type: 'container.exited',
  stream: [...story.views.containers.keys()].map((name) => `container:${name}`)[0] as string,
  data: { exitCode: 137, signal: null, oomKilled: true, output: '', reason: 'outOfMemory' },
};

describe('what if', () => {
  it('an event had not happened: the state without it, as a difference and as a JSON Patch', async () => {
    const answer = await ask({ at: 'head', drop: [seqOf('task.completed')] });
    expect(answer.dropped).toMatchObject([{ type: 'task.completed' }]);
    expect(answer.changes).toMatchObject([{ projection: 'tasks', key: 't1' }, { projection: 'usage' }]);
    const patched = JSON.parse(JSON.stringify(stateAt(head)));
    expect(applyPatch(patched, [...answer.patch]).every((problem) => problem === null)).toBe(true);
    expect(patched.tasks.t1).toMatchObject({ command: 'hello' });
    expect(answer.effects).toEqual({ begin: [], omit: [], same: [] });
  });

  it('a container had exited: it would be started again', async () => {
    const answer = await ask({ at: 'head', insert: [exited] });
    expect(answer.inserted).toMatchObject([{ seq: head + 1, type: 'container.exited' }]);
    expect(answer.effects.begin).toMatchObject([{ kind: 'startContainer', attempt: 2 }]);
    expect(answer.changes.map(({ projection }) => projection)).toEqual(['containers']);
  });

  it('a release had never been routed: it would be routed', async () => {
    const answer = await ask({ at: String(seqOf('deployment.routed')), drop: [seqOf('deployment.routed')] });
    expect(answer.effects.begin).toMatchObject([{ kind: 'routeRelease', release: 'localhost/demo#1' }]);
  });

  it('says which effects of the real moment would not begin', async () => {
    const at = seqOf('release.sourceResolved');
    const answer = await ask({ at: String(at), drop: [at] });
    expect(answer.effects.omit).toMatchObject([{ kind: 'resolveImage' }]);
    expect(answer.effects.begin).toMatchObject([{ kind: 'resolveSource' }]);
  });

  it('lists events that could no longer follow, and leaves them out in every projection', async () => {
    const answer = await ask({ at: 'head', drop: [seqOf('deployment.requested', 1)] });
    expect(answer.couldNotFollow.events[0]).toMatchObject({
      type: 'release.sourceResolved',
      why: expect.stringContaining('cannot follow from the state "absent"'),
    });
    expect(answer.couldNotFollow.count).toBeGreaterThanOrEqual(4);
    expect(answer.changes).toContainEqual(expect.objectContaining({ projection: 'releases', key: 'localhost/demo#2' }));
    expect(answer.effects.begin).toContainEqual(expect.objectContaining({ kind: 'stopContainer' }));
  });

  it('an event and all that it led to had not happened', async () => {
    const requested = seqOf('deployment.requested', 1);
    const cleaned = seqOf('release.cleaned');
    // A story has no causes: here each step of the second release was caused by the one before it.
    const caused = events.map((event, i) => {
      const step = event.seq > requested && event.seq <= cleaned;
      return step ? { ...event, cause: events[i - 1]?.id ?? null } : event;
    });
    const chain = createMemoryLog();
    await chain.append(newEvents(caused));
    const answer = await whatif.answer(new Past({ log: chain, blobs, now: () => 0 }), {
      at: 'head',
      drop: [requested],
      consequences: true,
    });
    expect(answer.consequences.count).toBe(cleaned - requested);
    expect(answer.consequences.events[0]).toMatchObject({ seq: requested + 1, type: 'release.sourceResolved' });
    expect(answer.couldNotFollow.count).toBe(0);
    const patched = JSON.parse(JSON.stringify(stateAt(head)));
    applyPatch(patched, [...answer.patch]);
    expect(patched.deployments['localhost/demo']).toMatchObject({ latest: 1, routed: 1, status: 'active' });
    expect(Object.keys(patched.releases)).toEqual(['localhost/demo#1']);
    expect(answer.effects).toEqual({ begin: [], omit: [], same: [] });
  });

  it('puts an event where it is said to have happened', async () => {
    const ended = seqOf('task.completed');
    const cancelled = {
      type: 'task.cancelled',
      stream: 'task:t1',
      data: { taskId: 't1', durationMs: 1, deployment: 'localhost/demo', command: 'hello', reason: null },
      after: ended - 1,
    };
    const answer = await ask({ at: 'head', insert: [cancelled] });
    expect(answer.inserted).toMatchObject([{ seq: ended - 1 }]);
    expect(answer.couldNotFollow.events).toMatchObject([{ seq: ended, type: 'task.completed' }]);
  });

  it('an inserted event that cannot follow is listed too', async () => {
    const first = { type: 'domain.added', stream: 'domain:localhost', data: { name: 'localhost' } };
    const answer = await ask({ at: 'head', insert: [first] });
    expect(answer.inserted).toEqual([]);
    expect(answer.couldNotFollow.events).toMatchObject([{ type: 'domain.added' }]);
    expect(answer.changes).toEqual([]);
  });

  it('everything may be thought away, and something thought in before it', async () => {
    const answer = await ask({
      at: '2',
      drop: [1, 2],
      insert: [{ type: 'domain.added', stream: 'domain:x', data: { name: 'x' }, after: 0 }],
    });
    expect(answer.dropped).toHaveLength(2);
    expect(answer.inserted).toMatchObject([{ seq: 0 }]);
    expect(answer.patch).toContainEqual(expect.objectContaining({ op: 'add', path: '/domains/x' }));
  });

  it('gives the state of a log that never had the dropped events, wherever that log could be', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: head }), fc.integer({ min: 1, max: head }), async (a, b) => {
        const [seq, at] = [Math.min(a, b), Math.max(a, b)];
        const answer = await ask({ at: String(at), drop: [seq] });
        const without = new Store<Views>(projections);
        for (const event of events.slice(0, at)) if (event.seq !== seq) without.suppose(event);
        const patched = JSON.parse(JSON.stringify(stateAt(at)));
        applyPatch(patched, [...answer.patch]);
        expect(patched).toEqual(JSON.parse(JSON.stringify(dump(without.views))));
        expect(log.head().seq).toBe(head);
      }),
    ));

  it('an event dropped and thought in again at its place changes nothing but what names the event', async () => {
    for (const { seq, type, stream, data } of events) {
      const answer = await ask({ at: 'head', drop: [seq], insert: [{ type, stream, data, after: seq - 1 }] });
      expect(answer.couldNotFollow.count).toBe(0);
      const paths = answer.changes.flatMap(({ changes }) => changes.map(({ path }) => path));
      const names = /^(lastEvent|trace|changedAt|requestedAt|since|healthySince|wantedAt|\w+At|versions.*)?$/;
      expect(paths.filter((path) => !names.test(path))).toEqual([]);
    }
  });

  it('takes no event that is none, no moment that is not there, and not nothing', async () => {
    const bad = { type: 'task.enqueued', stream: 'task:x', data: {} };
    await expect(ask({ at: 'head', insert: [exited, bad] })).rejects.toThrow(
      'Inserted event 2: task.enqueued does not',
    );
    await expect(ask({ at: '5', drop: [6] })).rejects.toThrow('Event 6, which is to be dropped, comes after event 5');
    await expect(ask({ at: '5', insert: [{ ...exited, after: 9 }] })).rejects.toThrow('Event 9, after which one');
    await expect(ask({ at: '999', drop: [1] })).rejects.toThrow('There is no event 999');
    await expect(ask({ at: 'head' })).rejects.toThrow('Nothing is supposed');
  });
});

describe('an event that is only supposed', () => {
  it.each([
    [null, 'An event is an object.'],
    [[1], 'An event is an object.'],
    [{ stream: 'x' }, 'An event has a type.'],
    [{ type: 'a.b', stream: 'x', data: {} }, 'There is no event type "a.b".'],
    [{ ...exited, stream: 'release:x' }, 'The stream of container.exited is container:<name>, not "release:x".'],
    [{ ...exited, seq: 4 }, 'An event that is only supposed has no field "seq".'],
    [{ ...exited, after: -1 }, 'The field "after" is the number of an event.'],
    [
      { type: 'cloud.initialized', stream: 'cloud:1', data: {} },
      'The stream of cloud.initialized is cloud, not "cloud:1".',
    ],
  ])('%j: %s', (value, fault) => expect(faultOf(value)).toBe(fault));

  it('may be any that happened', () => {
    for (const { type, stream, data } of events) expect(faultOf({ type, stream, data })).toBeNull();
  });
});
