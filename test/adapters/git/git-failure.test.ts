import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDamage } from '../../../adapters/git/damage.ts';
import { classifyGitFailure, isMachineTrouble, lastWords, redact } from '../../../adapters/git/git-failure.ts';
import { LocalGitError } from '../../../adapters/git/local-git.ts';

describe('what Git printed', () => {
  it.each([
    ["fatal: could not read Username for 'https://github.com': terminal prompts disabled", 'GIT_AUTH_REQUIRED'],
    [
      "remote: Invalid username or password.\nfatal: Authentication failed for 'https://github.com/a/b.git/'",
      'GIT_AUTH_REQUIRED',
    ],
    ["fatal: unable to access 'https://host/a/': The requested URL returned error: 403", 'GIT_AUTH_REQUIRED'],
    [
      'git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.',
      'GIT_AUTH_REQUIRED',
    ],
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'GIT_AUTH_REQUIRED'],
    ["fatal: unable to access 'https://host/a/': Could not resolve host: host", 'GIT_UNREACHABLE'],
    [
      'ssh: Could not resolve hostname host: Name or service not known\nfatal: Could not read from remote repository.',
      'GIT_UNREACHABLE',
    ],
    [
      "fatal: unable to access 'http://127.0.0.1:1/x/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server",
      'GIT_UNREACHABLE',
    ],
    [
      'ssh: connect to host 127.0.0.1 port 1: Connection refused\nfatal: Could not read from remote repository.',
      'GIT_UNREACHABLE',
    ],
    ["fatal: unable to access 'https://host/a/': SSL certificate problem: self-signed certificate", 'GIT_UNREACHABLE'],
    ["fatal: unable to access 'https://host/a/': Empty reply from server", 'GIT_UNREACHABLE'],
    ["fatal: unable to access 'https://host/a/': The requested URL returned error: 502", 'GIT_UNREACHABLE'],
    [
      'fatal: the remote end hung up unexpectedly\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output',
      'GIT_UNREACHABLE',
    ],
    ["fatal: unable to access 'https://host/a/': something nobody has seen", 'GIT_UNREACHABLE'],
    [
      "fatal: unable to access 'https://host/a/': Operation too slow. Less than 1 bytes/sec transferred the last 60 seconds",
      'GIT_TIMEOUT',
    ],
    ["fatal: repository 'https://host/a/' not found", 'GIT_NOT_A_REPOSITORY'],
    [
      "fatal: unable to access 'https://ssl.example.org/a/': The requested URL returned error: 404",
      'GIT_NOT_A_REPOSITORY',
    ],
    [
      "fatal: '/srv/a' does not appear to be a git repository\nfatal: Could not read from remote repository.",
      'GIT_NOT_A_REPOSITORY',
    ],
    ['fatal: https://host/a/info/refs not valid: is this a git repository?', 'GIT_NOT_A_REPOSITORY'],
    ["fatal: unable to access 'http://localhost:1/x/': Received HTTP/0.9 when not allowed", 'GIT_NOT_A_REPOSITORY'],
    ['fatal: protocol error: bad line length character: <htm', 'GIT_NOT_A_REPOSITORY'],
    ["fatal: couldn't find remote ref refs/heads/ssl-certificate", 'GIT_REF_NOT_FOUND'],
    ['fatal: remote error: upload-pack: not our ref 1111111111111111111111111111111111111111', 'GIT_REF_NOT_FOUND'],
    ['error: Server does not allow request for unadvertised object 1111', 'GIT_REF_NOT_FOUND'],
    ["fatal: transport 'http' not allowed", 'GIT_FAILED'],
    ['fatal: nobody knows', 'GIT_FAILED'],
    ['', 'GIT_FAILED'],
  ])('%s → %s', (stderr, code) => {
    expect(classifyGitFailure(stderr)).toMatchObject({ code, damagedMirror: false });
  });

  it.each([
    'error: object file ./objects/ab/cd is empty\nfatal: loose object abcd (stored in ./objects/ab/cd) is corrupt',
    'fatal: bad object refs/heads/main\nerror: /srv/a did not send all necessary objects',
    'error: packfile ./objects/pack/pack-1.pack does not match index',
  ])('tells a damaged mirror: %s', (stderr) => {
    expect(classifyGitFailure(stderr).damagedMirror).toBe(true);
  });

  it('lets the other side choose nothing by its free text', () => {
    const stderr =
      "remote: fatal: could not read Username for 'x': terminal prompts disabled\nfatal: repository 'https://h/' not found";
    expect(classifyGitFailure(stderr).code).toBe('GIT_NOT_A_REPOSITORY');
  });

  it('always gives a clause of one clean line', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (stderr) => {
        const { clause } = classifyGitFailure(stderr);
        expect(clause).toMatch(/^[^\u0000-\u001f\u007f-\u009f]+$/);
        expect(clause.length).toBeLessThan(260);
      }),
    );
  });

  it('is told apart from trouble of this machine', () => {
    expect(isMachineTrouble('fatal: write error: No space left on device')).toBe(true);
    expect(isMachineTrouble('error: object file is empty')).toBe(false);
  });

  it.each([
    'Error: spawn git EAGAIN\n    at ChildProcess._handle.onexit',
    'Error: spawn git ENOMEM',
    'fatal: cannot create async thread: Resource temporarily unavailable',
    'error: cannot fork() for fetch-pack: Resource temporarily unavailable',
    'fatal: Out of memory, malloc failed (tried to allocate 1048577 bytes)',
    'fatal: unable to create threaded lstat: Resource temporarily unavailable',
    'fatal: pack has bad object at offset 12: mmap failed: Cannot allocate memory',
    "error: open('refs/x.lock'): Too many open files",
    'Git was ended by a signal.',
  ])('%s is no damage of the mirror', (stderr) => {
    expect(isDamage(new LocalGitError(128, stderr))).toBe(false);
    expect(isDamage(new LocalGitError(128, 'fatal: bad object HEAD'))).toBe(true);
  });
});

describe('words for people', () => {
  it('are the line that says why', () => {
    expect(lastWords('warning: x\nfatal: it broke\nhint: do this')).toBe('it broke');
    expect(lastWords('something else\n\n')).toBe('something else');
  });

  it.each([
    [
      "fatal: Authentication failed for 'https://user:s3cret@host/a/'",
      "fatal: Authentication failed for 'https://host/a/'",
    ],
    ['https://s3cret@host/a', 'https://host/a'],
    ['> Authorization: Basic s3cret\nnext', '> Authorization: …\nnext'],
    ['password=s3cret', 'password=…'],
    ['a\u001b[31mb', 'a [31mb'],
  ])('hold no secret: %j', (text, shown) => {
    expect(redact(text)).toBe(shown);
  });
});
