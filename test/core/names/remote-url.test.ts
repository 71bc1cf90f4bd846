import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPloinkyError, type PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { parseRemoteUrl, requirePermitted } from '../../../core/names/remote-url.ts';

function refusal(run: () => unknown): PloinkyError | null {
  try {
    run();
    return null;
  } catch (error) {
    if (isPloinkyError(error, 'GIT_URL_REFUSED')) return error;
    throw error;
  }
}

describe('the address of a repository', () => {
  it.each([
    ['https://github.com/PloinkyRepos/PloinkyDemo.git', 'https://github.com/PloinkyRepos/PloinkyDemo.git'],
    ['HTTPS://GitHub.com/a/b', 'https://github.com/a/b'],
    ['https://host:8443/a', 'https://host:8443/a'],
    ['https://host/~user/a', 'https://host/~user/a'],
    ['http://localhost:3000/a.git', 'http://localhost:3000/a.git'],
    ['http://127.0.0.1/a', 'http://127.0.0.1/a'],
    ['http://[::1]:80/a', 'http://[::1]/a'],
    ['ssh://git@github.com/a/b.git', 'ssh://git@github.com/a/b.git'],
    ['ssh://host:2222/~/a', 'ssh://host:2222/~/a'],
    ['SSH://host/a', 'ssh://host/a'],
    ['git@github.com:a/b.git', 'git@github.com:a/b.git'],
    ['host:a/@scope/b', 'host:a/@scope/b'],
  ])('%s', (text, url) => {
    expect(parseRemoteUrl(text)).toMatchObject({ kind: 'network', url });
  });

  it.each([
    ['/srv/git/a.git', '/srv/git/a.git'],
    ['file:///srv/git/a.git', '/srv/git/a.git'],
    ['file://localhost/srv/a', '/srv/a'],
    ['file:///srv/with%20space', '/srv/with space'],
  ])('%s is local', (text, url) => {
    const remote = parseRemoteUrl(text);
    expect(remote).toEqual({ kind: 'local', protocol: 'file', url });
    expect(refusal(() => requirePermitted(remote, true))).toBeNull();
    expect(refusal(() => requirePermitted(remote, false))?.hint).toContain('git.allowLocal');
  });

  it('may name what comes with Ploinky, whatever the setting says', () => {
    const remote = parseRemoteUrl('bundled:PloinkyDemo');
    expect(remote).toEqual({ kind: 'bundled', protocol: 'file', name: 'PloinkyDemo' });
    expect(refusal(() => requirePermitted(remote, false))).toBeNull();
  });

  it.each([
    '',
    '-x',
    '--upload-pack=touch /tmp/owned',
    'ext::sh -c touch% /tmp/owned',
    'ext::true',
    'fd::17',
    'transport::address',
    'ftp://host/a',
    'git://host/a',
    'javascript://host/a',
    'http://example.org/a.git',
    'http://localhost.example.org/a',
    'http://127.0.0.1.example.org/a',
    'https://',
    'https:///a',
    'https://host/a?token=secret',
    'https://host/a#secret',
    'https://host\\@evil/a',
    'https://host/a b',
    'https://host/a\u0000',
    'https://host/a\n',
    'ssh://-oProxyCommand=touch/a',
    'ssh://git@-oProxyCommand=touch/a',
    'ssh://-l@host/a',
    'ssh://host',
    'ssh://host/-a',
    'ssh://%2doProxyCommand/a',
    'git@-oProxyCommand:a',
    '-oProxyCommand@host:a',
    'git@host:-a',
    'host::a',
    'relative/path',
    './relative',
    '../relative',
    'name',
    'file://host/a',
    'file:///a?b',
    'file:///a%00b',
    'file:///%zz',
    'bundled:',
    'bundled:../x',
    'bundled:a/b',
    'bundled:-x',
    'bundled:__proto__',
    `https://host/${'a'.repeat(2_000)}`,
  ])('%j is refused', (text) => {
    expect(refusal(() => parseRemoteUrl(text))).not.toBeNull();
  });

  it.each([
    'https://user:s3cret@host/a',
    'https://s3cret@host/a',
    'https://:s3cret@host/a',
    'https:///user:s3cret@host/a',
    'http://user:s3cret@localhost/a',
    'ssh://user:s3cret@host/a',
    'user:s3cret@host:a/b',
    'ftp://user:s3cret@host/a',
    'https://host/a?key=s3cret',
    'ext::s3cret',
    's3cret',
  ])('%s is refused without repeating the secret', (text) => {
    const error = refusal(() => parseRemoteUrl(text));
    expect(error).not.toBeNull();
    expect(`${error?.message} ${error?.hint}`).not.toContain('s3cret');
  });

  it('is never an option, a helper or a password for Git, whatever comes', () => {
    const unit = fc.constantFrom('a', '-', ':', '/', '@', '.', '?', '%', '\\', ' ', '\n', '~', '[', ']');
    const scheme = fc.constantFrom(
      'https://',
      'http://',
      'ssh://',
      'file://',
      'ext::',
      'git@',
      'bundled:',
      'ploinky-dev:',
      '',
    );
    const text = fc
      .tuple(scheme, fc.oneof(fc.string({ unit }), fc.string(), fc.webUrl()))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (value) => {
        let remote: ReturnType<typeof parseRemoteUrl> | null = null;
        expect(() => refusal(() => (remote = parseRemoteUrl(value)))).not.toThrow();
        const parsed = remote as ReturnType<typeof parseRemoteUrl> | null;
        if (parsed === null || parsed.kind === 'bundled' || parsed.kind === 'dev') return;
        expect(parsed.url).not.toMatch(/^-|^[a-z0-9+.-]+::|[\u0000-\u001f]/i);
        if (parsed.kind === 'local') expect(parsed.url.startsWith('/')).toBe(true);
        else if (parsed.protocol !== 'ssh')
          expect(new URL(parsed.url)).toMatchObject({ username: '', password: '', search: '' });
      }),
      { numRuns: 2_000 },
    );
  });
});
