import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPloinkyError } from '../../../core/errors/ploinky-error.ts';
import { parseRefName } from '../../../core/names/ref-name.ts';

function isRefused(value: string): boolean {
  try {
    parseRefName(value, 'branch');
    return false;
  } catch (error) {
    return isPloinkyError(error, 'INVALID_NAME');
  }
}

describe('a branch', () => {
  it.each(['main', 'feature/x', 'release-1.2', 'v1.0', 'ümlaut', 'a@b', '1a2b3c4', 'refs/heads/main'])(
    'may be %s',
    (value) => {
      expect(parseRefName(value, 'branch')).toBe(value);
    },
  );

  it.each([
    '',
    '-x',
    '--upload-pack=touch /tmp/x',
    'a..b',
    '../x',
    'a b',
    'a\u0000',
    'a\nb',
    'a~1',
    'a^',
    'a:b',
    'a*',
    'a?',
    'a[',
    'a\\b',
    '@',
    'a@{1}',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a.',
    'a/-b',
    'x'.repeat(251),
  ])('may not be %j', (value) => {
    expect(isRefused(value)).toBe(true);
  });

  it('is one argument and one line, whatever comes', () => {
    const unit = fc.constantFrom('a', '-', '.', '/', '\n', ' ', '\u0000', '@', '{', '~');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit })), (value) => {
        if (isRefused(value)) return;
        expect(value).not.toMatch(/^-|\.\.|[\u0000-\u0020~^:?*[\\\u007f]/);
      }),
    );
  });
});
