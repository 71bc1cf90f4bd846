import { describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../core/events/envelope.ts';
import type { AnyProjection } from '../../../core/kernel/projection.ts';
import { Store } from '../../../core/kernel/store.ts';
import { standIn } from '../../../core/log/gap.ts';

interface Host {
  name: string;
  history: { n: number }[];
  __proto__?: unknown;
}

/** Takes the event's own array, and changes what it took. */
const hosts: AnyProjection = {
  name: 'hosts',
  version: 1,
  types: ['domain.added', 'domain.enabled', 'domain.removed'],
  key: () => 'one',
  evolve(draft: Host | undefined, event: { type: string; seq: number; data: unknown }) {
    if (event.type === 'domain.added') return event.data as Host;
    if (event.type === 'domain.removed') return null;
    if (draft) {
      (draft.history[0] as { n: number }).n += 1;
      draft.history.push({ n: event.seq });
    }
    return undefined;
  },
};

function event(seq: number, type: string, data: unknown = {}): EventEnvelope {
  const about = {
    id: `e${seq}`,
    time: '2026-01-01T00:00:00.000Z',
    v: 1,
    stream: 's',
    actor: 'a',
    cause: null,
    trace: 't',
  };
  return { ...about, seq, type, data, hash: `h${seq}` };
}

const begun = () => event(1, 'domain.added', JSON.parse('{"name":"a","history":[{"n":1}],"__proto__":{"own":true}}'));
const store = () => new Store<{ hosts: ReadonlyMap<string, Host> }>({ hosts });

describe('replay', () => {
  it('comes to the same as folding one by one', () => {
    const events = [begun(), event(2, 'domain.enabled'), event(3, 'domain.enabled')];
    const one = store();
    one.apply(structuredClone(events));
    const many = store();
    many.replay(events);
    expect(many.views.hosts.get('one')?.history).toEqual([{ n: 3 }, { n: 2 }, { n: 3 }]);
    expect(many.views.hosts.get('one')?.history).toEqual(one.views.hosts.get('one')?.history);
  });

  it('changes neither the events nor what was handed out before', () => {
    const first = begun();
    const fold = store();
    fold.replay([first]);
    const handedOut = fold.views.hosts.get('one');
    const before = JSON.stringify(handedOut);
    fold.replay([event(2, 'domain.enabled'), event(3, 'domain.enabled')]);
    expect(JSON.stringify(handedOut)).toBe(before);
    expect(first).toEqual(begun());
    expect(fold.views.hosts.get('one')).not.toBe(handedOut);
  });

  it('keeps a key called __proto__ what it is', () => {
    const fold = store();
    fold.replay([begun(), event(2, 'domain.enabled')]);
    const host = fold.views.hosts.get('one') as object;
    expect(Object.getPrototypeOf(host)).toBe(Object.prototype);
    expect(JSON.stringify(host)).toContain('"__proto__":{"own":true}');
  });
});

describe('deleted events', () => {
  const gap = { from: 2, to: 5, before: 'h1', last: 'h5', time: '2026-01-01T00:00:00.000Z', segment: 1 };
  const deletion = { seq: 9, time: '2026-02-01T00:00:00.000Z', reason: 'retention.segments = 1d' };

  it('are stepped over, and the state says what it lacks', () => {
    const fold = store();
    fold.replay([begun(), standIn({ ...gap, deletion, keyframe: null })]);
    expect([fold.seq, fold.hash, fold.missing]).toEqual([5, 'h5', { from: 2, to: 5 }]);
  });

  it('are made up for by a keyframe', () => {
    const keyframe = { seq: 5, projections: { hosts: { version: 1, entities: [['two', { name: 'b' }]] as const } } };
    const fold = store();
    fold.replay([begun(), standIn({ ...gap, deletion, keyframe }), event(6, 'domain.enabled')]);
    expect([fold.missing, [...fold.views.hosts.keys()]]).toEqual([null, ['two']]);
  });

  it('are not made up for by a keyframe of another version of the fold, or by a part of the gap', () => {
    const keyframe = { seq: 5, projections: { hosts: { version: 2, entities: [] } } };
    const other = store();
    other.replay([begun(), standIn({ ...gap, deletion, keyframe })]);
    expect(other.missing).toEqual({ from: 2, to: 5 });
    const part = store();
    part.replay([begun(), standIn({ ...gap, deletion, keyframe }, 2, 4)]);
    expect([part.seq, part.hash, part.missing]).toEqual([4, '', { from: 2, to: 4 }]);
  });
});
