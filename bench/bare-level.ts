import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';

/** What bare LevelDB does with the same grouping and nothing else: no encoding, no hash, no index. */
export async function openBare(
  form: 'array' | 'chained',
  options: { readonly writeBufferSize?: number } = {},
): Promise<{ append(): Promise<void>; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'ploinky-bench-'));
  const db = new ClassicLevel<string, string>(join(folder, 'bare'));
  await db.open(options);
  const values = Array.from({ length: 256 }, () => randomBytes(150).toString('hex'));
  let seq = 0;
  let waiting: (() => void)[] = [];
  let busy = false;

  async function write(count: number): Promise<void> {
    if (form === 'array') {
      const puts = Array.from({ length: count }, () => ({
        type: 'put' as const,
        key: keyOf(++seq),
        value: values[seq % 256] as string,
      }));
      await db.batch(puts, { sync: true });
      return;
    }
    const batch = db.batch();
    for (let i = 0; i < count; i += 1) batch.put(keyOf(++seq), values[seq % 256] as string);
    await batch.write({ sync: true });
  }

  async function commitAll(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      await new Promise(setImmediate);
      const group = waiting;
      waiting = [];
      await write(group.length);
      for (const done of group) done();
    }
    busy = false;
  }

  return {
    append: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (!busy) void commitAll();
      }),
    async close() {
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function keyOf(seq: number): string {
  return String(seq).padStart(16, '0');
}
