import { describe, expect, it } from 'vitest';
import { SnapshotWriter } from '../../../adapters/snapshots/snapshot-writer.ts';
import { type FoldedState, Store } from '../../../core/kernel/store.ts';
import { projections } from '../../../projections/registry.ts';
import type { Views } from '../../../projections/views.ts';
import { initialized, type Story } from '../../story.ts';

/** A writer over the store of a story, and a disk that fails as told. */
function writing(story: Story, every: number) {
  const written: number[] = [];
  const warnings: string[] = [];
  const disk = { failure: null as Error | null };
  const write = async ({ seq }: FoldedState) => {
    if (disk.failure) throw disk.failure;
    written.push(seq);
  };
  const snapshots = { write, seqs: async () => written, tidy: async () => {} };
  const note = (_fields: object, text?: string) => warnings.push(text ?? '');
  const logger = { debug: note, info: note, warn: note, error: note };
  return {
    writer: new SnapshotWriter({ store: story.store, snapshots, every: () => every, logger }),
    written,
    warnings,
    disk,
  };
}

function happen(story: Story, count: number): void {
  for (let i = 0; i < count; i += 1) {
    story.ask({ type: 'denyAccess', method: 'GET', route: '/', reason: 'no key', count: 1 });
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('snapshots of a growing state', () => {
  it('are written every so many events, of the state at that event', async () => {
    const story = initialized();
    const { writer, written } = writing(story, 10);
    for (let i = 0; i < 40; i += 1) {
      happen(story, 1);
      writer.note();
      await settled();
    }
    expect(written.length).toBeGreaterThanOrEqual(4);
    expect(written.every((seq, i) => seq - (written[i - 1] ?? 0) >= 10)).toBe(true);
  });

  it('are not written one above the other: events that come meanwhile wait for the next one', async () => {
    const story = initialized();
    const { writer, written } = writing(story, 10);
    for (let i = 0; i < 40; i += 1) {
      happen(story, 1);
      writer.note();
    }
    await settled();
    expect(written).toHaveLength(1);
  });

  it('that find no space are told of, and tried again with the next one due', async () => {
    const story = initialized();
    const { writer, written, warnings, disk } = writing(story, 10);
    disk.failure = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    happen(story, 10);
    writer.note();
    await settled();
    happen(story, 1);
    writer.note();
    await settled();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/snapshot of event \d+ was not written \(no space is left\); nothing is lost/);
    disk.failure = null;
    happen(story, 10);
    writer.note();
    await settled();
    expect(written).toEqual([story.events.length]);
  });

  it('are written at the end where that pays, and a disk that fails then does not keep the server', async () => {
    const story = initialized();
    const { writer, written, disk, warnings } = writing(story, 100_000);
    happen(story, 20);
    await writer.close();
    expect(written).toEqual([]);
    happen(story, 1_000);
    disk.failure = new Error('broken');
    await writer.close();
    expect([written, warnings.length]).toEqual([[], 1]);
    disk.failure = null;
    happen(story, 1_000);
    await writer.close();
    expect(written).toEqual([story.events.length]);
  });

  it('are not made of a state that lacks events, since a projection stopped', async () => {
    const story = initialized();
    const store = new Store<Views>(projections);
    const unknown = { ...story.place({ type: 'domain.added', stream: 'x', data: { name: 'x' } }), type: 'moon.landed' };
    store.apply([...story.events, unknown]);
    const { writer, written } = writing(Object.assign(initialized(), { store }), 1);
    writer.note();
    await writer.close();
    expect(written).toEqual([]);
  });
});
