import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkClosedTables, checkOpenTables } from '../../../core/log/check-tables.ts';
import { crc32c } from '../../../core/log/crc32c.ts';
import { problemOfTable } from '../../../core/log/table-file.ts';

let folder: string;
let tables: Buffer[];

/** Tables as LevelDB writes them: small and large values, compressible and not. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ploinky-tables-'));
  for (let life = 0; life < 3; life += 1) {
    const db = new ClassicLevel<string, string>(folder);
    for (let i = 0; i < 400; i += 1) {
      const noise = Buffer.from(Array.from({ length: 60 }, (_, n) => (i * 7919 + n * 104_729 + life) & 0xff));
      await db.put(
        `key ${i % 300}`,
        i % 50 === 0 ? 'x'.repeat(70_000) + i : noise.toString('base64') + 'abc'.repeat(i),
      );
    }
    await db.close();
  }
  const names = readdirSync(folder).filter((name) => name.endsWith('.ldb'));
  tables = names.map((name) => readFileSync(join(folder, name)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('crc32c of the test vectors of RFC 3720', () => {
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

it('the tables of an open database that count are checked, and those that were never finished are not', async () => {
  const place = mkdtempSync(join(tmpdir(), 'ploinky-tables-'));
  const db = new ClassicLevel<string, string>(place);
  try {
    for (let i = 0; i < 200; i += 1) await db.put(`key ${i}`, 'x'.repeat(i));
    await db.compactRange('', '~');
    writeFileSync(join(place, '999999.ldb'), (tables[0] as Buffer).subarray(0, 5_000));
    await checkOpenTables(db as never);
    const [live = ''] = readdirSync(place).filter((name) => name.endsWith('.ldb') && name !== '999999.ldb');
    const bytes = readFileSync(join(place, live));
    bytes[100] = (bytes[100] as number) ^ 1;
    writeFileSync(join(place, live), bytes);
    await expect(checkOpenTables(db as never)).rejects.toMatchObject({
      code: 'LOG_DAMAGED',
      message: expect.stringContaining(join(place, live)),
    });
    await db.close();
    await expect(checkClosedTables(place)).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    rmSync(join(place, live));
    await checkClosedTables(place);
  } finally {
    await db.close();
    rmSync(place, { recursive: true, force: true });
  }
});

describe('a table of LevelDB', () => {
  it('has no problem as it was written', () => {
    expect(tables.length).toBeGreaterThan(0);
    expect(tables.map(problemOfTable)).toEqual(tables.map(() => null));
  });

  it('has one with any bit flipped before its footer', () => {
    for (const table of tables) {
      const step = Math.ceil(table.length / 150);
      for (let at = 0; at < table.length - 48; at += step) {
        table[at] = (table[at] as number) ^ (1 << (at % 8));
        expect(problemOfTable(table), `byte ${at}`).toMatch(/does not fit|expected|cut off|unpacked|end/);
        table[at] = (table[at] as number) ^ (1 << (at % 8));
      }
    }
  });

  it('has one when it is cut off anywhere', () => {
    const [table] = tables as [Buffer];
    for (let size = 0; size < table.length; size += Math.ceil(table.length / 100)) {
      expect(problemOfTable(table.subarray(0, size))).not.toBeNull();
    }
  });
});
