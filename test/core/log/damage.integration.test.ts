import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPloinkyError } from '../../../core/errors/ploinky-error.ts';
import { keepJournals } from '../../../core/log/journals.ts';
import { createLevelLog, openLevelLog } from '../../../core/log/level-log.ts';
import { verifyLog } from '../../../core/log/verify-log.ts';
import { all } from '../../contracts/log-contract.ts';
import { newEvent } from '../../new-event.ts';

/** A log with tables, a journal and a marker that has caught up: what a killed process leaves. */
let whole: string;
let content: string;
let work: string;

beforeAll(async () => {
  whole = mkdtempSync(join(tmpdir(), 'ploinky-whole-'));
  work = mkdtempSync(join(tmpdir(), 'ploinky-damaged-'));
  const running = join(work, 'running');
  for (let life = 0; life < 3; life += 1) {
    const options = { folder: running, holder: 'test' };
    const log = life === 0 ? await createLevelLog(options) : await openLevelLog(options);
    for (let i = 0; i < 30; i += 1) {
      await Promise.all(Array.from({ length: 20 }, (_, j) => log.append([newEvent(`s${j}`, { life, i, j })])));
    }
    await log.mark();
    if (life === 2) {
      for (const name of ['log', 'head.json']) cpSync(join(running, name), join(whole, name), { recursive: true });
      content = JSON.stringify(await all(log));
    }
    await log.close();
  }
});
afterAll(() => {
  rmSync(whole, { recursive: true, force: true });
  rmSync(work, { recursive: true, force: true });
});

const filesOf = (folder: string) => ['head.json', ...readdirSync(join(folder, 'log')).map((name) => join('log', name))];

/** A copy with one file spoiled; what opening and reading it says. */
async function spoiled(spoil: (folder: string) => void): Promise<'the same' | { code: string; message: string }> {
  const folder = mkdtempSync(join(work, 'copy-'));
  cpSync(whole, folder, { recursive: true });
  spoil(folder);
  try {
    const log = await openLevelLog({ folder, holder: 'test' });
    try {
      expect(JSON.stringify(await all(log)), 'read without a complaint').toBe(content);
      return 'the same';
    } finally {
      await log.close();
    }
  } catch (error) {
    if (!isPloinkyError(error)) throw error;
    expect(error.code).toMatch(/^LOG_(DAMAGED|UNREADABLE|FORMAT)$/);
    expect(error.message, 'names the place').toContain(folder);
    return error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a damaged folder gives the same events or a refusal that names the place, never others', () => {
  it('with any one file deleted', async () => {
    const outcomes = new Map<string, Awaited<ReturnType<typeof spoiled>>>();
    for (const file of filesOf(whole)) {
      outcomes.set(
        file.replace(/^log\//, '').replace(/\d{6}/, 'N'),
        await spoiled((folder) => rmSync(join(folder, file))),
      );
    }
    expect(outcomes.get('head.json')).toBe('the same');
    for (const name of ['CURRENT', 'MANIFEST-N', 'N.log', 'N.ldb']) {
      expect(outcomes.get(name), name).toMatchObject({ code: 'LOG_DAMAGED' });
    }
  });

  it('with the whole log gone but for its marker, and neither open nor create begins anew', async () => {
    const folder = mkdtempSync(join(work, 'copy-'));
    cpSync(join(whole, 'head.json'), join(folder, 'head.json'));
    const options = { folder, holder: 'test' };
    await expect(openLevelLog(options)).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    await expect(createLevelLog(options)).rejects.toMatchObject({ code: 'LOG_EXISTS' });
    expect(readdirSync(folder)).toEqual(['head.json']);
  });

  it('keeps the journal that LevelDB would have deleted, as long as the log is refused', async () => {
    const folder = mkdtempSync(join(work, 'copy-'));
    cpSync(whole, folder, { recursive: true });
    const journal = readdirSync(join(folder, 'log')).find((name) => name.endsWith('.log')) as string;
    const bytes = readFileSync(join(folder, 'log', journal));
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] as number) ^ 1;
    writeFileSync(join(folder, 'log', journal), bytes);
    await expect(openLevelLog({ folder, holder: 'test' })).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    await expect(verifyLog(folder)).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    expect(readFileSync(join(folder, 'log.journals', journal)).equals(bytes)).toBe(true);
  });
});

describe('a journal that cannot be read at the moment', () => {
  const unreadable = async () => {
    const folder = mkdtempSync(join(work, 'copy-'));
    cpSync(whole, folder, { recursive: true });
    const journal = join(
      folder,
      'log',
      readdirSync(join(folder, 'log')).find((name) => name.endsWith('.log')) as string,
    );
    renameSync(journal, join(folder, 'aside'));
    // Root may read everything: a link to itself is what nobody can open.
    symlinkSync(journal, journal);
    return { folder, journal };
  };

  it.each(['with', 'without'])('is no empty one, %s the marker', async (marker) => {
    const { folder, journal } = await unreadable();
    if (marker === 'without') rmSync(join(folder, 'head.json'));
    const files = () => readdirSync(join(folder, 'log')).filter((name) => !name.startsWith('LOG'));
    const before = files();
    for (let again = 0; again < 2; again += 1) {
      await expect(openLevelLog({ folder, holder: 'test' })).rejects.toMatchObject({ code: 'LOG_UNREADABLE' });
      expect(files()).toEqual(before);
    }
    renameSync(join(folder, 'aside'), journal);
    const log = await openLevelLog({ folder, holder: 'test' });
    expect(log.head().seq).toBe(1_800);
    await log.close();
  });

  it('is put back by the next opening where a crash cut off putting it back', async () => {
    const { folder, journal } = await unreadable();
    const kept = join(folder, 'log.journals');
    const location = join(folder, 'log');
    renameSync(join(folder, 'aside'), journal);
    await keepJournals(folder, location);
    for (const name of readdirSync(kept)) rmSync(join(location, name));
    writeFileSync(join(location, 'MANIFEST-000099'), 'of the opening that failed');
    writeFileSync(join(kept, 'restoring'), '');
    const log = await openLevelLog({ folder, holder: 'test' });
    expect(log.head().seq).toBe(1_800);
    await log.close();
    expect(existsSync(join(location, 'MANIFEST-000099'))).toBe(false);
  });
});

describe('verifyLog', () => {
  it('checks all of an open log and of a folder, and tells how far it is', async () => {
    const folder = mkdtempSync(join(work, 'copy-'));
    cpSync(whole, folder, { recursive: true });
    const told: number[] = [];
    const head = await verifyLog(folder, { onProgress: (seq) => told.push(seq) });
    expect(head.seq).toBe(1_800);
    expect(told.at(-1)).toBe(1_800);
    const log = await openLevelLog({ folder, holder: 'test' });
    expect(await verifyLog(log)).toEqual(head);
    await log.close();
    expect(readdirSync(folder).sort()).toEqual(['head.json', 'log']);
  });

  it('of nothing says so', async () => {
    await expect(verifyLog(join(work, 'nothing'))).rejects.toMatchObject({ code: 'LOG_MISSING' });
  });
});
