import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSnapshots } from '../../../adapters/snapshots/create-snapshots.ts';
import { FileSnapshots, mostSnapshots, superfluous } from '../../../adapters/snapshots/file-snapshots.ts';
import type { FoldedState } from '../../../core/kernel/store.ts';
import { recordedHistory } from '../../history/recorded-history.ts';

let folder = '';
let ignored: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ploinky-snapshots-'));
  ignored = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () => createSnapshots(folder, (_file, reason) => ignored.push(reason));
const fileOf = (seq: number) => join(folder, 'snapshots', `${String(seq).padStart(15, '0')}.snapshot`);
const captured = (seq: number): FoldedState => ({ ...recordedHistory([3, 4, 7]).store.capture(), seq });

describe('a snapshot file', () => {
  it('gives back what was captured, entities in their order, and is for its owner alone', async () => {
    const state = captured(12);
    await open().write(state);
    const again = open();
    expect(await again.seqs()).toEqual([12]);
    expect(await again.head(12)).toMatchObject({ seq: 12, hash: state.hash, latest: state.latest });
    expect(await again.state(12)).toEqual(JSON.parse(JSON.stringify(state)));
    expect((await stat(fileOf(12))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'snapshots'))).toEqual(['000000000000012.snapshot']);
  });

  it('is passed over when any byte of it is another, or missing, or none is left', async () => {
    await open().write(captured(12));
    const whole = await readFile(fileOf(12));
    // Every place of the head, and some of the body.
    const places = [...whole.keys()].filter((at) => at < 700 || at % 97 === 0);
    for (const at of places) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] as number) ^ 1;
      await writeFile(fileOf(12), bytes);
      expect(await open().state(12), `byte ${at}`).toBeNull();
    }
    for (const length of [0, 1, 80, whole.length - 1]) {
      await writeFile(fileOf(12), whole.subarray(0, length));
      expect(await open().state(12), `${length} bytes`).toBeNull();
    }
    expect(new Set(ignored)).toEqual(new Set(['it is damaged']));
  });

  it('of other reducers or of another name is passed over, with the reason told once', async () => {
    const other = new FileSnapshots({ dataFolder: folder, reducers: { cloud: 0 } });
    await other.write({ ...captured(5), entities: {} });
    const snapshots = open();
    expect(await snapshots.head(5)).toBeNull();
    expect(await snapshots.head(5)).toBeNull();
    expect(ignored).toEqual(['its reducer of cloud is another version']);

    await open().write(captured(7));
    await writeFile(fileOf(8), await readFile(fileOf(7)));
    expect(await open().head(8)).toBeNull();
    expect(ignored.at(-1)).toBe('it is of event 7');
  });

  it('that was cut off by a kill, or is of no use, is taken away by tidy', async () => {
    const snapshots = open();
    await snapshots.write(captured(7));
    await writeFile(`${fileOf(9)}.new`, 'half');
    await writeFile(fileOf(8), 'nothing');
    expect(await snapshots.head(8)).toBeNull();
    await snapshots.tidy();
    expect(await readdir(join(folder, 'snapshots'))).toEqual(['000000000000007.snapshot']);
  });

  it('that cannot be written leaves nothing behind', async () => {
    await writeFile(join(folder, 'snapshots'), 'a file where the folder should be');
    await expect(open().write(captured(7))).rejects.toThrow();
    expect(await open().seqs()).toEqual([]);
  });
});

describe('how many are kept', () => {
  it('is limited, with the newest among them and no gap over four times the even one', () => {
    let kept: number[] = [];
    for (let seq = 100; seq <= 100_000; seq += 100) {
      kept.push(seq);
      const left = new Set(superfluous(kept, mostSnapshots));
      kept = kept.filter((one) => !left.has(one));
      expect(kept.length).toBeLessThanOrEqual(mostSnapshots);
      expect(kept.at(-1)).toBe(seq);
      const widest = Math.max(...kept.map((one, i) => one - (kept[i - 1] ?? 0)));
      expect(widest).toBeLessThanOrEqual(Math.max(100, (4 * seq) / mostSnapshots));
    }
  });
});
