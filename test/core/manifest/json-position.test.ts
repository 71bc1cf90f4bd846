import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonErrorPosition } from '../../../core/manifest/json-position.ts';

describe('where a text stops being JSON', () => {
  it('agrees with JSON.parse on what is JSON', () => {
    const broken = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, put]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + put + text.slice(cut + (at % 3));
    });
    fc.assert(
      fc.property(fc.oneof(fc.json(), broken, fc.string()), (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(jsonErrorPosition(text) === null).toBe(isJson);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['{"a":1,}', { line: 1, column: 8, found: '"}"' }],
    ['{"a" 1}', { line: 1, column: 6, found: '"1"' }],
    ['[1,\n2,\n]', { line: 3, column: 1, found: '"]"' }],
    ['{"a":1', { line: 1, column: 7, found: 'the end of the file' }],
    ["{'a':1}", { line: 1, column: 2, found: `"'"` }],
    ['<!DOCTYPE html>', { line: 1, column: 1, found: '"<"' }],
    ['{} {}', { line: 1, column: 4, found: '"{"' }],
    ['nul', { line: 1, column: 1, found: '"nul"' }],
  ])('%j', (text, position) => {
    expect(jsonErrorPosition(text)).toEqual(position);
  });
});
