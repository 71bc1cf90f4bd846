import { describe, expect, it } from 'vitest';
import { wishesOf } from '../../../../adapters/http/gateway/call-wishes.ts';
import { preferenceOf } from '../../../../adapters/http/gateway/prefer.ts';
import { keptUntil } from '../../../../adapters/http/task-address.ts';

describe('a Prefer header', () => {
  it.each([
    [undefined, false, null],
    ['respond-async', true, null],
    ['Respond-Async, wait=10', true, 10_000],
    ['wait=0', false, 0],
    ['wait="3"; x=y , respond-async; foo', true, 3_000],
    ['wait=2, wait=9', false, 2_000],
    ['return=minimal, handling=lenient', false, null],
    ['wait=soon, respond-asyncronously, wait=-1, wait=1e3, =', false, null],
    [['respond-async', 'wait=1'], true, 1_000],
  ])('%j', (header, respondAsync, waitMs) => {
    expect(preferenceOf(header)).toEqual({ respondAsync, waitMs });
  });
});

describe('what a caller wishes', () => {
  it('is nothing in particular', () => {
    expect(wishesOf({})).toEqual({ priority: 'normal', callback: null });
  });

  it('is taken from the headers', () => {
    const headers = { 'x-task-priority': 'low', 'x-callback-url': 'https://example.org/done?of=1' };
    expect(wishesOf(headers)).toEqual({ priority: 'low', callback: 'https://example.org/done?of=1' });
  });

  it.each([
    ['x-task-priority', 'URGENT!', 'X-Task-Priority must be'],
    ['x-callback-url', 'nowhere', 'cannot be read'],
    ['x-callback-url', 'file:///etc/passwd', 'neither http'],
    ['x-callback-url', 'https://name:secret@example.org/', 'name or password'],
    ['x-callback-url', `https://example.org/${'x'.repeat(2_000)}`, 'longer than 2,000'],
  ])('is refused: %s: %s', (name, value, message) => {
    expect(() => wishesOf({ [name]: value })).toThrow(message);
    expect(() => wishesOf({ [name]: value })).not.toThrow(/secret/);
  });
});

describe('how long a result is kept', () => {
  const accepted = Date.parse('2026-01-01T00:00:00Z');

  it.each([
    ['90d', 'forever', null],
    ['forever', '1d', null],
    ['2d', '30d', '2026-01-31T00:00:00.000Z'],
    ['60d', '30d', '2026-03-02T00:00:00.000Z'],
  ])('retention.tasks %s, retention.segments %s: %s', (sealed, deleted, until) => {
    expect(keptUntil(accepted, { 'retention.tasks': sealed, 'retention.segments': deleted })).toBe(until);
  });
});
