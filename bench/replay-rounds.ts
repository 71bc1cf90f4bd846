import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { Store } from '../core/kernel/store.ts';
import { openLevelLog } from '../core/log/level-log.ts';
import { projections } from '../projections/registry.ts';
import type { Views } from '../projections/views.ts';
import { measure } from './rounds.ts';

/** Events a second of a full replay, and of what bare LevelDB and JSON.parse do with the same events. */
export async function measureReplay(data: string, count: number, rounds: number) {
  const folder = mkdtempSync(join(tmpdir(), 'ploinky-bench-'));
  try {
    const perEvent = await copyTo(join(folder, 'per-event'), data, 1);
    const perGroup = await copyTo(join(folder, 'per-group'), data, 64);
    const contestants = [
      { name: 'ploinky', run: () => replay(data, count) },
      { name: 'bare, one record an event', run: () => iterate(perEvent) },
      { name: 'bare, one record for 64 events', run: () => iterate(perGroup) },
    ];
    return await measure(contestants, 1, { rounds, count });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Opened, read and folded from the first event to the last. */
export async function replay(data: string, count: number): Promise<void> {
  const log = await openLevelLog({ folder: data, holder: 'bench', readOnly: true });
  const store = new Store<Views>(projections);
  for await (const piece of log.readPieces()) store.replay(piece);
  await log.close();
  for (const problem of store.stopped.values()) throw problem;
  if (store.seq < count) throw new Error(`the replay ended at event ${store.seq}`);
}

/** The same events without hashes, checksums and index. */
async function copyTo(location: string, data: string, grouped: number): Promise<string> {
  const db = new ClassicLevel<string, string>(location);
  await db.open();
  const log = await openLevelLog({ folder: data, holder: 'bench', readOnly: true });
  let lines: string[] = [];
  let batch = db.batch();
  const put = (seq: number) => {
    if (lines.length > 0) batch.put(String(seq).padStart(16, '0'), lines.join('\n'));
    lines = [];
  };
  for await (const piece of log.readPieces()) {
    for (const { hash: _, ...event } of piece) {
      lines.push(JSON.stringify(event));
      if (lines.length >= grouped) put(event.seq);
    }
    await batch.write();
    batch = db.batch();
  }
  put(log.head().seq);
  await batch.write();
  await log.close();
  await db.close();
  return location;
}

async function iterate(location: string): Promise<void> {
  const db = new ClassicLevel<string, string>(location);
  await db.open();
  const iterator = db.iterator({ highWaterMarkBytes: 1024 * 1024 });
  let last = 0;
  for (;;) {
    const entries = await iterator.nextv(1_000);
    if (entries.length === 0) break;
    for (const [, value] of entries) {
      for (const line of value.split('\n')) last = (JSON.parse(line) as { seq: number }).seq;
    }
  }
  await iterator.close();
  await db.close();
  if (last === 0) throw new Error('nothing was read');
}
