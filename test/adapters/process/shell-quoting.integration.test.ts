import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Mount } from '../../../adapters/engine/engine-port.ts';
import { mapPaths } from '../../../adapters/process/map-paths.ts';

/** Programs that print the path /in, and each way that a shell may read it. */
const places = [
  'printf %s /in',
  'printf %s "/in"',
  "printf %s '/in'",
  'printf %s "$(printf %s /in)"',
  'printf %s "$(printf %s "/in")"',
  'printf %s "$(printf %s \'/in\')"',
  'printf %s `printf %s "/in" | cat` 2>/dev/null | cat || :; : "/in"',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a shell
  'printf %s "${NOTHING:-/in}"',
  'sh -c \'printf %s "$1"\' name /in',
  "# it's a comment\nprintf %s /in",
  'echo "it\'s" >/dev/null; printf %s /in',
  'echo it\\\'s >/dev/null; printf %s "/in"',
  'echo \\" >/dev/null; printf %s /in',
  '(true; (printf %s /in))',
  'if [ a = b ]; then printf no; else printf %s "/in"; fi # /in',
];

function program(text: string, source: string): readonly string[] {
  const mounts: Mount[] = [{ kind: 'bind', source, target: '/in', readOnly: false }];
  return mapPaths({ command: ['sh', '-c', text], environment: {}, workingDirectory: '/', mounts }, () => source)
    .command;
}

function said([shell = '', ...args]: readonly string[]): string {
  return execFileSync(shell, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

describe('in a program text a path stays one word', () => {
  const source = '/a folder\'s "name" $HOME `id` \\ * ; & | ~ #! (x) {y} é';
  test.each(places.filter((text) => !text.includes('`printf')))('%s', (text) => {
    expect(said(program(text, source))).toBe(source);
  });

  test('between backquotes where it is an ordinary one', () => {
    expect(said(program('printf %s "`printf %s /in`"', '/data/a b'))).toBe('/data/a b');
  });
});

test('a path without anything special is put in as it is', () => {
  expect(program('cd /in && ls "/in/x"', '/data/a-b_c.d/1')[2]).toBe('cd /data/a-b_c.d/1 && ls "/data/a-b_c.d/1/x"');
});

test('no path gets out of its word', () => {
  const plain = places.slice(0, 6);
  fc.assert(
    fc.property(fc.constantFrom(...plain), fc.string({ minLength: 1, unit: 'binary-ascii' }), (text, name) => {
      // No path holds a NUL, and a substitution takes line breaks off its end.
      const source = `/${name.replaceAll('\0', '')}.`;
      expect(said(program(text, source))).toBe(source);
    }),
    { numRuns: 150 },
  );
});
