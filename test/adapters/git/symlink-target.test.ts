import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { staysInside } from '../../../adapters/git/symlink-target.ts';

describe('a symbolic link', () => {
  it.each([
    ['a', 'b'],
    ['a', './b/c'],
    ['a/b', '../c'],
    ['a/b/c', '../..'],
    ['node_modules/.bin/x', '../x/bin.js'],
  ])('%s → %s stays inside', (path, target) => {
    expect(staysInside(path, target)).toBe(true);
  });

  it.each([
    ['a', '..'],
    ['a', '/etc/passwd'],
    ['a', ''],
    ['a/b', '../../c'],
    ['a/b', './../../c'],
    ['a', 'b/../c'],
    ['a', 'b/../../c'],
    ['a', 'b\u0000'],
  ])('%s → %j does not', (path, target) => {
    expect(staysInside(path, target)).toBe(false);
  });

  it('that passes leads below the root by plain path arithmetic', () => {
    const steps = fc.array(fc.constantFrom('..', '.', 'a', 'b', ''), { maxLength: 6 }).map((parts) => parts.join('/'));
    const path = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(path, steps, (link, target) => {
        if (!staysInside(link, target)) return;
        const reached = posix.resolve('/root', posix.dirname(link), target);
        expect(reached === '/root' || reached.startsWith('/root/')).toBe(true);
      }),
    );
  });
});
