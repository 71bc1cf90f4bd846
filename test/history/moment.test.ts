import { describe, expect, it } from 'vitest';
import { parseMoment, timeOf } from '../../history/moment.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

describe('a time', () => {
  it.each([
    ['10m', now - 600_000],
    ['500ms', now - 500],
    ['2026-03-01', Date.parse('2026-03-01T00:00:00Z')],
    ['2026-03-01T11:00:00Z', now - 3_600_000],
  ])('may be %s', (text, at) => {
    expect(timeOf(text, now)).toBe(at);
    expect(parseMoment(text, now)).toEqual({ kind: 'time', at });
  });

  it.each(['', 'yesterday', '10 m', '2026-13-01', '-5m'])('is not %j', (text) => {
    expect(timeOf(text, now)).toBeNull();
    expect(() => parseMoment(text, now)).toThrow('is neither an event');
  });

  it('is no number: that names an event', () => expect(timeOf('10', now)).toBeNull());
});

describe('a moment', () => {
  it.each([
    ['head', { kind: 'head' }],
    ['120', { kind: 'seq', seq: 120 }],
    ['seq:120', { kind: 'seq', seq: 120 }],
  ])('may be %s', (text, moment) => expect(parseMoment(text, now)).toEqual(moment));
});
