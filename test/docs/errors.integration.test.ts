import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../core/errors/catalogue.ts';
import { readPage, rowsBelow } from './tables.ts';

describe('docs/errors.md', () => {
  const rows = rowsBelow(readPage('errors.md'), 'Code');

  it('has one row for each error of the catalogue, in its order, with the same words', () => {
    const expected = Object.entries(errorCatalogue).map(([code, { status, exit, cause, next }]) => [
      `\`${code}\``,
      `${status}`,
      `${exit}`,
      cause,
      next,
    ]);
    expect(rows).toEqual(expected);
  });

  it('ends commands with 5 where something that was named does not exist, whatever it is', () => {
    const others = rows.filter(([, status, exit]) => status === '404' && exit !== '5');
    expect(others).toEqual([]);
    expect(rowsBelow(readPage('cli.md'), 'Exit code').map(([exit]) => exit)).toContain('5');
  });

  it('tells for each error what to do next, in whole sentences', () => {
    for (const [code, , , cause, next] of rows) {
      expect(cause, code).toMatch(/^[A-Z].*\.$/);
      expect(next, code).toMatch(/^[A-Z].*\.$/);
    }
  });
});
