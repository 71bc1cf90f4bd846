import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import { Store } from '../../core/kernel/store.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import { settle } from '../scripted-world.ts';
import { deploy, initialized, plainState } from '../story.ts';

function history(seed: readonly number[]): PloinkyEvent[] {
  const story = initialized();
  for (const [index, choice] of seed.entries()) {
    const path = choice % 2 === 0 ? '/demo' : '/other';
    if (choice % 5 === 0) story.ask({ type: 'undeploy', domain: 'localhost', path, reason: null });
    else story.ask(deploy(path));
    settle(story, () => choice % 7 !== 0);
    if (choice % 3 === 0) {
      story.ask({ type: 'changeSettings', values: { lastLogsLines: index + 1 } });
      story.ask({ type: 'addDomain', name: `d${index}.example`, enabled: choice % 2 === 0 });
    }
    const taskId = `t${index}`;
    const call = { taskId, deployment: `localhost${path}`, command: 'hello' };
    const asked = { ...call, release: 1, bootId: null, params: [], runForUserId: 'u', timeoutMs: 1, callback: null };
    const waits = choice % 5 === 0;
    const stream = `task:${taskId}`;
    story.tell({
      type: 'task.enqueued',
      stream,
      data: { ...asked, container: waits ? null : 'c', priority: waits ? 'low' : 'normal' },
    });
    const assigned = (container: string) => {
      story.tell({ type: 'task.assigned', stream, data: { taskId, release: 1, container, bootId: null } });
    };
    if (waits && choice % 2 === 0) assigned('c');
    if (choice % 3 === 0) assigned('d');
    if (choice % 4 !== 0) {
      story.tell({ type: 'task.completed', stream: `task:${taskId}`, data: { ...call, durationMs: choice, data: 1 } });
    }
  }
  return story.events;
}

function folded(events: readonly PloinkyEvent[], chunks: readonly number[]): unknown {
  const store = new Store<Views>(projections);
  let at = 0;
  for (const size of chunks) {
    store.replay(events.slice(at, at + size));
    at += size;
    if (at >= events.length) break;
  }
  store.replay(events.slice(at));
  return plainState(store.views);
}

/** Whoever changes what is frozen fails. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

const seeds = fc.array(fc.nat(100), { maxLength: 12 });

describe('folding', () => {
  it('gives the same state every time', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const events = history(seed);
        expect(folded(events, [])).toEqual(folded(events, []));
      }),
    );
  });

  it('gives the same state one event at a time and in chunks of any size', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 10 }), (seed, chunks) => {
        const events = history(seed);
        const live = new Store<Views>(projections);
        live.apply(events);
        expect(folded(events, chunks)).toEqual(plainState(live.views));
      }),
    );
  });

  it('leaves the events as they are', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const events = history(seed);
        const store = new Store<Views>(projections);
        store.replay(freeze(JSON.parse(JSON.stringify(events)) as PloinkyEvent[]));
        expect([...store.stopped]).toEqual([]);
        expect(plainState(store.views)).toEqual(folded(events, []));
      }),
    );
  });

  it('survives a round trip of the events through JSON', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const events = history(seed);
        expect(folded(JSON.parse(JSON.stringify(events)), [])).toEqual(folded(events, []));
      }),
    );
  });
});

describe('an event that cannot follow', () => {
  it('stops its projection with event and state named, and no other', () => {
    const story = initialized();
    const store = new Store<Views>(projections);
    const bad = story.place({ type: 'container.healthy', stream: 'container:x', data: healthy });
    store.apply([...story.events, bad]);
    expect([...store.stopped.keys()]).toEqual(['containers']);
    expect(store.stopped.get('containers')?.message).toMatch(/container\.healthy .*"absent"/);
    const next = { ...story.place({ type: 'domain.added', stream: 'domain:a.example', data: { name: 'a.example' } }) };
    store.apply([{ ...next, seq: bad.seq + 1 }]);
    expect(store.views.domains.has('a.example')).toBe(true);
  });

  it('is not admitted, and asking changes nothing', () => {
    const story = initialized();
    settle(story);
    const before = JSON.stringify(plainState(story.views));
    const bad = story.place({ type: 'container.healthy', stream: 'container:x', data: healthy });
    const good = story.place({ type: 'domain.disabled', stream: 'domain:localhost', data: { name: 'localhost' } });
    expect(story.store.admits(bad)).toBe(false);
    expect(story.store.admits(good)).toBe(true);
    expect(JSON.stringify(plainState(story.views))).toBe(before);
  });

  it('of a type nobody knows stops everything with a clear error', () => {
    const story = initialized();
    const store = new Store<Views>(projections);
    const unknown = { ...story.place({ type: 'domain.added', stream: 'x', data: { name: 'x' } }), type: 'moon.landed' };
    store.apply([...story.events, unknown]);
    expect(store.stopped.get('cloud')?.code).toBe('EVENT_UNKNOWN');
    expect(store.stopped.get('cloud')?.message).toContain('moon.landed');
  });

  it('out of order is refused', () => {
    const story = initialized();
    const store = new Store<Views>(projections);
    expect(() => store.apply(story.events.slice(1))).toThrow(/Event 2 came after event 0/);
  });
});

const healthy = { transport: 'http' as const, bootId: null, afterMs: 1, port: null };
