import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPloinkyError } from '../../../core/errors/ploinky-error.ts';
import {
  containerName,
  deploymentId,
  deploymentKey,
  isNameIn,
  parseDomain,
  parseName,
  parsePath,
  quote,
} from '../../../core/names/names.ts';

const bad = [
  '',
  '..',
  '.',
  '.git',
  '-rf',
  'a..b',
  'a b',
  'a/b',
  'a\\b',
  'a\u0000',
  'a\n',
  '__proto__',
  'constructor',
  'prototype',
  'x'.repeat(101),
];

function isRefused(parse: () => unknown): boolean {
  try {
    parse();
    return false;
  } catch (error) {
    return isPloinkyError(error, 'INVALID_NAME');
  }
}

describe('names', () => {
  it.each(['demo', 'Demo_1', 'a.b-c', '7zip', '_x'])('%s is a name', (name) => {
    expect(parseName(name, 'agent')).toBe(name);
  });

  it.each(bad)('%j is no name', (name) => {
    expect(isRefused(() => parseName(name, 'agent'))).toBe(true);
  });

  it('are safe as one part of a path and as an argument, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', '.', '-', '/', '_', '\u0000') })),
        (text) => {
          if (isRefused(() => parseName(text, 'agent'))) return;
          expect(text).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/);
          expect(text).not.toContain('..');
          expect(text in {}).toBe(false);
        },
      ),
    );
  });
});

describe('domains', () => {
  it.each([
    ['localhost', 'localhost'],
    ['Agents.Example.ORG.', 'agents.example.org'],
    ['127.0.0.1', '127.0.0.1'],
  ])('%s', (value, domain) => {
    expect(parseDomain(value)).toBe(domain);
  });

  it.each([
    '',
    '.',
    '..',
    '-a',
    'a-',
    'a..b',
    'a_b',
    'a/b',
    'a:80',
    'http://a',
    'ä',
    '__proto__',
    'a\u0000',
    `${'a'.repeat(64)}.org`,
  ])('%j is none', (value) => {
    expect(isRefused(() => parseDomain(value))).toBe(true);
  });
});

describe('paths', () => {
  it.each([
    ['/demo', '/demo'],
    ['demo/', '/demo'],
    ['//a//b/', '/a/b'],
    ['/', '/'],
    ['', '/'],
    ['/~me/v1.2', '/~me/v1.2'],
  ])('%j is %s', (value, path) => {
    expect(parsePath(value)).toBe(path);
    expect(parsePath(path)).toBe(path);
  });

  it.each([
    '/..',
    '/a/../b',
    '/-x',
    '/.git',
    '/a b',
    '/a\u0000',
    '/%2e%2e',
    '/__proto__',
    '/a?b',
    '/1/2/3/4/5/6/7/8/9',
  ])('%j is none', (value) => {
    expect(isRefused(() => parsePath(value))).toBe(true);
  });
});

describe('the key of a deployment', () => {
  const domain = fc.constantFrom('localhost', 'a', 'a-b', 'a.b', 'agents.example.org', 'x'.repeat(50), 'a-b.c');
  const segment = fc.oneof(
    fc.constantFrom('a', 'b', 'A', 'a-b', 'a.b', '_', '~', 'root', 'x'.repeat(60)),
    fc.stringMatching(/^[a-z0-9_~][A-Za-z0-9._~-]{0,12}$/),
  );
  const path = fc.array(segment, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`);

  it('reads like the deployment where that is unmistakable', () => {
    expect(deploymentKey('localhost/demo')).toBe('localhost-demo');
    expect(containerName('localhost/demo', 3, 'AbCdEfGh')).toBe('ploinky-localhost-demo-3-abcdef');
    expect(containerName('localhost/demo', 3, 'AbCdEfGh', 12)).toBe('ploinky-localhost-demo-3.12-abcdef');
    expect(deploymentKey('localhost/')).toMatch(/^localhost-root-[0-9a-f]{8}$/);
    expect(deploymentKey('localhost/a/b')).toMatch(/^localhost-a-b-[0-9a-f]{8}$/);
  });

  it('tells in the names that an engine holds which cloud they are of', () => {
    const name = containerName('localhost/demo', 3, 'AbC-EfGh');
    for (const own of [name, `${name}-install`, `${name}-volumes`]) expect(isNameIn(own, 'AbC-EfGh')).toBe(true);
    for (const other of ['ploinky-abc-efg', 'demo-abc-ef', 'ploinky-localhost-demo-3-abcdef', 'abc-ef', ''])
      expect(isNameIn(other, 'AbC-EfGh')).toBe(false);
  });

  it('is distinct for distinct deployments', () => {
    const two = fc.tuple(fc.tuple(domain, path), fc.tuple(domain, path));
    fc.assert(
      fc.property(two, ([[d1, p1], [d2, p2]]) => {
        const same = d1 === d2 && p1 === p2;
        expect(deploymentKey(deploymentId(d1, p1)) === deploymentKey(deploymentId(d2, p2))).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is not fooled by a path that looks like the hash of another one', () => {
    const key = deploymentKey('localhost/_');
    expect(key).toMatch(/^localhost-[0-9a-f]{8}$/);
    expect(deploymentKey(`localhost/${key.slice('localhost-'.length)}`)).not.toBe(key);
  });

  it('is safe in file, ref and container names', () => {
    fc.assert(
      fc.property(domain, path, (d, p) => {
        const key = deploymentKey(deploymentId(d, p));
        expect(key).toMatch(/^[a-z0-9][a-z0-9.-]{0,38}[a-z0-9]$/);
        expect(key).not.toMatch(/\.\.|\.lock$/);
      }),
    );
  });
});

describe('a quoted value', () => {
  it('shows what would move a terminal’s cursor or reading direction', () => {
    expect(quote('a\u001b[2J')).toBe('"a\\u001b[2J"');
    expect(quote('a\u202eb\u009b')).toBe('"a\\u202eb\\u009b"');
  });

  it('is short', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5_000 }), (text) => {
        expect(quote(text).length).toBeLessThan(600);
      }),
    );
  });
});
