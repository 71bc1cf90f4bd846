import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameJson } from '../../core/json/same-json.ts';
import { changesBetween } from '../../history/json-changes.ts';

describe('changes between two JSON values', () => {
  it('names each place, with both sides', () => {
    const before = { status: 'requested', config: { env: { A: '1', B: '2' } }, tags: ['x', 'y'] };
    const after = { status: 'active', config: { env: { A: '1', C: '3' } }, tags: ['x', 'z'] };
    expect(changesBetween(before, after)).toEqual([
      { path: 'config.env.B', before: '2' },
      { path: 'config.env.C', after: '3' },
      { path: 'status', before: 'requested', after: 'active' },
      { path: 'tags[1]', before: 'y', after: 'z' },
    ]);
  });

  it('says that a value came or went as a whole', () => {
    expect(changesBetween(undefined, { a: 1 })).toEqual([{ path: '', after: { a: 1 } }]);
    expect(changesBetween({ a: 1 }, undefined)).toEqual([{ path: '', before: { a: 1 } }]);
    expect(changesBetween({ a: [1] }, { a: [1, 2] })).toEqual([{ path: 'a', before: [1], after: [1, 2] }]);
    expect(changesBetween({ a: null }, { a: {} })).toEqual([{ path: 'a', before: null, after: {} }]);
  });

  it('takes __proto__ and what every object inherits for keys like any other', () => {
    const odd = JSON.parse('{"__proto__":{"x":1},"toString":1}');
    expect(changesBetween({}, odd).map(({ path }) => path)).toEqual(['__proto__', 'toString']);
    expect(sameJson({}, odd)).toBe(false);
    expect(sameJson(odd, {})).toBe(false);
  });

  it('finds changes exactly where the JSON of both is not the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const [left, right] = [JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))];
        expect(changesBetween(left, right).length === 0).toBe(sameJson(left, right));
        expect(sameJson(left, JSON.parse(JSON.stringify(left)))).toBe(true);
      }),
    );
  });
});
