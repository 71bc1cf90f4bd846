import { describe, expect, it } from 'vitest';
import { asked } from '../../../../adapters/http/gateway/asked.ts';

describe('asked', () => {
  it('says the same the second time, and after many others', () => {
    const first = asked('LOCALHOST:8000', '/a/b%20c');
    const meaning = {
      domain: 'localhost',
      segments: ['a', 'b c'],
      problem: null,
      ids: ['localhost/', 'localhost/a', 'localhost/a/b c'],
    };
    expect(first).toEqual(meaning);
    expect(asked('LOCALHOST:8000', '/a/b%20c')).toBe(first);
    for (let i = 0; i < 3_000; i += 1) asked(`host${i % 7}`, `/a/${i}`);
    expect(asked('LOCALHOST:8000', '/a/b%20c')).toEqual(meaning);
  });

  it('does not take one host or path for another', () => {
    expect(asked('one', '/x').domain).toBe('one');
    expect(asked('two', '/x').domain).toBe('two');
    expect(asked('one', '/y').segments).toEqual(['y']);
  });

  it('refuses each time what it refuses', () => {
    for (let i = 0; i < 2; i += 1) {
      expect(() => asked('one', '/a/../b')).toThrow();
      expect(() => asked(undefined, '/a')).toThrow();
      expect(asked('one', '/%').problem).not.toBeNull();
    }
  });
});
