import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FoldedState, Store } from '../../core/kernel/store.ts';
import { createMemoryBlobStore } from '../../core/log/file-blobs.ts';
import { dump, dumpText } from '../../history/dump.ts';
import { Past } from '../../history/past.ts';
import type { Snapshots } from '../../history/snapshots.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import { all } from '../contracts/log-contract.ts';
import { initialized, plainState, type Story } from '../story.ts';
import { memoryLogOf } from './recorded.ts';
import { choices, liveDumps, recordedHistory } from './recorded-history.ts';

const denied = { method: 'GET', route: '/', reason: 'no key', count: 1 };
const now = Date.parse('2030-01-01T00:00:00.000Z');

async function pastOf(story: Story, snapshots?: Snapshots): Promise<Past> {
  const blobs = createMemoryBlobStore();
  return new Past({ log: await memoryLogOf(story), blobs, now: () => now, ...(snapshots ? { snapshots } : {}) });
}

/** Snapshots after these events, as JSON gives them back. */
async function snapshotsAt(story: Story, seqs: readonly number[]): Promise<Snapshots & { used: number[] }> {
  const events = await all(await memoryLogOf(story));
  const states = new Map<number, FoldedState>();
  for (const seq of seqs) {
    const store = new Store<Views>(projections);
    store.replay(events.slice(0, seq));
    states.set(seq, JSON.parse(JSON.stringify(store.capture())) as FoldedState);
  }
  const used: number[] = [];
  return {
    used,
    seqs: async () => [...states.keys()].sort((a, b) => a - b),
    head: async (seq) => states.get(seq) ?? null,
    state: async (seq) => {
      used.push(seq);
      return states.get(seq) ?? null;
    },
    foreign: (seq) => states.delete(seq),
  };
}

describe('state at a moment', () => {
  it('is to the byte what was held live then, with any snapshots and without', async () => {
    await fc.assert(
      fc.asyncProperty(choices, fc.array(fc.nat(300), { maxLength: 4 }), async (seed, places) => {
        const story = recordedHistory(seed);
        const live = liveDumps(story);
        const head = story.events.length;
        const seqs = places.map((place) => 1 + (place % head));
        const snapshots = await snapshotsAt(story, seqs);
        const plain = await pastOf(story);
        const quick = await pastOf(story, snapshots);
        for (const seq of new Set([0, 1, head, ...seqs, ...places.map((place) => (place * 7) % (head + 1))])) {
          for (const past of [plain, quick]) {
            const { store, hash } = await past.stateAt(seq);
            expect(dumpText(dump(store.views))).toBe(live[seq]);
            expect(hash).toBe(seq === 0 ? '0'.repeat(64) : (await eventAt(past, seq)).hash);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('is folded in pieces, between which others have their turn', async () => {
    const story = initialized();
    for (let i = 0; i < 5_000; i += 1) story.ask({ type: 'denyAccess', ...denied });
    const past = await pastOf(story);
    let turns = 0;
    let folding = true;
    const others = () => {
      turns += 1;
      if (folding) setImmediate(others);
    };
    setImmediate(others);
    const { store } = await past.stateAt(story.events.length);
    folding = false;
    expect(store.views.cloud.get('cloud')?.deniedRequests).toBe(5_000);
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  it('keeps the order of entities through a snapshot', async () => {
    const story = recordedHistory([3, 9, 21, 39, 13, 5, 12]);
    const seq = Math.floor(story.events.length / 2);
    const [plain, quick] = [await pastOf(story), await pastOf(story, await snapshotsAt(story, [seq]))];
    const order = async (past: Past) => {
      const { store } = await past.stateAt(story.events.length);
      return Object.values(store.views).map((entities: ReadonlyMap<string, unknown>) => [...entities.keys()]);
    };
    expect(await order(quick)).toEqual(await order(plain));
  });

  it('takes the nearest snapshot before it, and none of another history', async () => {
    const story = recordedHistory([3, 4]);
    const snapshots = await snapshotsAt(story, [2, 5, 9]);
    const past = await pastOf(story, snapshots);
    await past.stateAt(8);
    expect(snapshots.used).toEqual([5]);

    const other = recordedHistory([1, 2]);
    const foreign = await snapshotsAt(other, [1, 2, 6]);
    const head = foreign.head;
    const elsewhere = { ...foreign, head: async (seq: number) => rehashed(await head(seq)) };
    const { store } = await (await pastOf(story, elsewhere)).stateAt(8);
    expect(foreign.used).toEqual([]);
    expect(await foreign.seqs()).toEqual([]);
    expect(plainState(store.views)).toEqual(plainState((await past.stateAt(8)).store.views));
  });
});

function rehashed<T extends { hash: string } | null>(head: T): T {
  return head && { ...head, hash: 'f'.repeat(64) };
}

describe('the event that a time names', () => {
  it('is the one before the first later one, whatever clocks did, with snapshots and without', async () => {
    await fc.assert(
      fc.asyncProperty(choices, fc.array(fc.nat(300), { maxLength: 5 }), fc.nat(1_000), async (seed, places, pick) => {
        const story = recordedHistory(seed);
        const times = story.events.map(({ time }) => Date.parse(time));
        const at = (times[pick % times.length] as number) + (pick % 3) - 1;
        const first = times.findIndex((time) => time > at);
        const expected = first === -1 ? times.length : first;
        const snapshots = await snapshotsAt(
          story,
          places.map((place) => 1 + (place % times.length)),
        );
        for (const past of [await pastOf(story), await pastOf(story, snapshots)]) {
          const found = past.find(new Date(at).toISOString());
          if (expected === 0) await expect(found).rejects.toMatchObject({ code: 'MOMENT_UNKNOWN' });
          else expect(await found).toBe(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('before everything is refused with the time of the first event, however far back', async () => {
    const past = await pastOf(initialized());
    await expect(past.find('999999999d')).rejects.toThrow(/Nothing had happened at .*first event is of 2026-01-01/);
  });
});

async function eventAt(past: Past, seq: number) {
  for await (const event of past.log.read({ from: seq, to: seq })) return event;
  throw new Error(`no event ${seq}`);
}
