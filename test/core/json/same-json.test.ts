import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sameJson } from '../../../core/json/same-json.ts';

const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The same value with the keys of every object the other way round. */
function turned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(turned);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, one]) => [key, turned(one)] as const)
      .reverse(),
  );
}

it('holds for a value and its copy, whatever the order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(sameJson(copy(value), turned(copy(value)))).toBe(true);
    }),
  );
});

it('holds for no two values whose JSON differs by more than the order of keys', () => {
  const plain = fc.oneof(fc.boolean(), fc.integer({ max: 2, min: 0 }), fc.constantFrom('', '1'), fc.constant(null));
  const value = fc.dictionary(fc.constantFrom('a', 'b'), plain);
  const text = (one: object) => JSON.stringify(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)));
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(sameJson(a, b)).toBe(text(a) === text(b));
    }),
  );
});

it.each([
  [[], {}],
  [{ a: 1 }, { a: 1, b: null }],
  [{ a: 1, b: null }, { a: 1 }],
  [[1, 2], [1]],
  [null, {}],
  ['1', 1],
])('does not hold for %j and %j', (a, b) => expect(sameJson(a, b)).toBe(false));

it('takes a key without a value for none', () => {
  expect(sameJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
  expect(sameJson({ a: 1 }, { a: 1, b: undefined })).toBe(true);
});

it('takes what every object inherits for no key of its own', () => {
  expect(sameJson({}, { toString: 1 })).toBe(false);
  expect(sameJson({ constructor: Object }, {})).toBe(false);
});
