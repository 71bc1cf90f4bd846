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

  it('tells for each error what to do next, in whole sentences', () => {
    for (const [code, , , cause, next] of rows) {
      expect(cause, code).toMatch(/^[A-Z].*\.$/);
      expect(next, code).toMatch(/^[A-Z].*\.$/);
    }
  });
});
