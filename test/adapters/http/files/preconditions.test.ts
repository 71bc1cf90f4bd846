import { describe, expect, it } from 'vitest';
import { precondition, rangeApplies } from '../../../../adapters/http/files/preconditions.ts';

const lastModified = 'Sat, 01 Aug 2026 10:00:00 GMT';
const before = 'Sat, 01 Aug 2026 09:59:59 GMT';
const after = 'Sat, 01 Aug 2026 10:00:01 GMT';
const file = { etag: '"v1"', lastModified };

describe('a condition', () => {
  it.each([
    [{}, 'met'],
    [{ 'if-none-match': '"v1"' }, 'notModified'],
    [{ 'if-none-match': 'W/"v1"' }, 'notModified'],
    [{ 'if-none-match': '"v0", "v1"' }, 'notModified'],
    [{ 'if-none-match': '*' }, 'notModified'],
    [{ 'if-none-match': '"v1"', 'cache-control': 'no-cache' }, 'notModified'],
    [{ 'if-none-match': '"v0"' }, 'met'],
    [{ 'if-none-match': '"v0"', 'if-modified-since': after }, 'met'],
    [{ 'if-modified-since': lastModified }, 'notModified'],
    [{ 'if-modified-since': before }, 'met'],
    [{ 'if-modified-since': 'yesterday' }, 'met'],
    [{ 'if-match': '"v1"' }, 'met'],
    [{ 'if-match': '*' }, 'met'],
    [{ 'if-match': 'W/"v1"' }, 'failed'],
    [{ 'if-match': '"v0"' }, 'failed'],
    [{ 'if-match': '"v1"', 'if-unmodified-since': before }, 'met'],
    [{ 'if-unmodified-since': before }, 'failed'],
    [{ 'if-unmodified-since': lastModified }, 'met'],
    [{ 'if-unmodified-since': 'yesterday' }, 'met'],
    [{ 'if-match': '"v0"', 'if-none-match': '"v1"' }, 'failed'],
  ] as const)('%j is %s', (headers, outcome) => expect(precondition(headers, file)).toBe(outcome));
});

describe('If-Range', () => {
  it.each([
    [undefined, true],
    ['"v1"', true],
    ['"v0"', false],
    ['W/"v1"', false],
    [lastModified, true],
    [before, false],
    [after, false],
    ['rubbish', false],
  ])('%s: %s', (condition, applies) => {
    expect(rangeApplies(condition === undefined ? {} : { 'if-range': condition }, file)).toBe(applies);
  });
});
