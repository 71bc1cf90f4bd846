import type { ErrorCode } from '../../core/errors/catalogue.ts';

/** What Git said before it gave up, under LC_ALL=C. */
export interface GitFailure {
  readonly code: Extract<
    ErrorCode,
    | 'GIT_AUTH_REQUIRED'
    | 'GIT_NOT_A_REPOSITORY'
    | 'GIT_UNREACHABLE'
    | 'GIT_TIMEOUT'
    | 'GIT_REF_NOT_FOUND'
    | 'GIT_FAILED'
  >;
  /** Ends the sentence that begins with the repository. */
  readonly clause: string;
  /** Our own mirror is at fault, and making it anew helps. */
  readonly damagedMirror: boolean;
}

type Rule = readonly [RegExp, GitFailure['code'] | 'damaged', string];

/**
 * Git ends with 128 whatever happens, so its words are all there is. In order: the first rule that fits counts. The
 * texts are those of git 2.30 to 2.50, curl and OpenSSH.
 */
const rules: readonly Rule[] = [
  [/host key verification failed/i, 'GIT_AUTH_REQUIRED', 'is on a host whose SSH key is not among the known hosts'],
  [
    /could not read (?:username|password)|terminal prompts disabled|authentication failed/i,
    'GIT_AUTH_REQUIRED',
    'asks for a password; some hosts also ask when the repository does not exist',
  ],
  [
    /returned error: 40[137]|HTTP 40[137]|permission denied \(|permission to .* denied/i,
    'GIT_AUTH_REQUIRED',
    'refuses access without a password or key',
  ],
  [/operation too slow/i, 'GIT_TIMEOUT', 'stopped sending'],
  [
    /couldn't find remote ref|not our ref|unadvertised object|remote ref does not exist/i,
    'GIT_REF_NOT_FOUND',
    'has no such branch, tag or commit',
  ],
  [
    /could not resolve host(?:name)?|name or service not known|temporary failure in name resolution/i,
    'GIT_UNREACHABLE',
    'is on a host whose name cannot be resolved',
  ],
  [
    /connection refused|couldn't connect|failed to connect|no route to host|network is (?:unreachable|down)|connection timed out/i,
    'GIT_UNREACHABLE',
    'cannot be reached',
  ],
  [
    /certificate|SSL|TLS|gnutls/i,
    'GIT_UNREACHABLE',
    'cannot be trusted: its certificate or encryption is not accepted',
  ],
  [
    /returned error: (?:404|410)|HTTP 404|repository '.*' not found|repository not found/i,
    'GIT_NOT_A_REPOSITORY',
    'does not exist',
  ],
  [
    /does not appear to be a git repository|is this a git repository|not a git repository|no such (?:device or address|remote)/i,
    'GIT_NOT_A_REPOSITORY',
    'is no Git repository',
  ],
  [
    /HTTP\/0\.9|bad line length|protocol error|invalid server response|unexpected line|expected flush|bad (?:sha1|object id)|invalid ls-refs response|unsupported protocol|remote did not send all|unrecognized (?:header|capability)|weird server reply|header without colon/i,
    'GIT_NOT_A_REPOSITORY',
    'answers something that is not Git',
  ],
  [
    /returned error: 5\d\d|HTTP 5\d\d|connection (?:was )?(?:reset|closed)|empty reply|early EOF|hung up|transfer closed|RPC failed|broken pipe/i,
    'GIT_UNREACHABLE',
    'broke off the conversation',
  ],
  [
    /transport '.*' not allowed|protocol .* (?:not supported|disabled)/i,
    'GIT_FAILED',
    'leads to another protocol, which is not followed',
  ],
  [
    /bad object|is corrupt|corrupt(?:ed)? |object file .* is empty|packfile|missing (?:blob|tree|commit)|unresolved deltas|did not send all necessary objects|invalid index-pack|bad config/i,
    'damaged',
    'has a damaged mirror here',
  ],
  [/unable to access/i, 'GIT_UNREACHABLE', 'cannot be reached'],
];

export function classifyGitFailure(stderr: string): GitFailure {
  // Addresses and names stand in quotes; a host named ssl.example.org is no certificate trouble.
  const text = withoutRemoteWords(stderr).replace(/'[^'\n]*'/g, "''");
  for (const [pattern, code, clause] of rules) {
    if (!pattern.test(text)) continue;
    if (code === 'damaged') return { code: 'GIT_FAILED', clause, damagedMirror: true };
    return { code, clause, damagedMirror: false };
  }
  const said = lastWords(stderr);
  return { code: 'GIT_FAILED', clause: said === '' ? 'made Git fail' : `made Git fail: ${said}`, damagedMirror: false };
}

/**
 * Trouble of this machine rather than of a repository, most of which passes: no disk space, memory, descriptors or processes, no
 * permission, a Git that was ended from outside.
 */
export function isMachineTrouble(stderr: string): boolean {
  return /no space left|permission denied|read-only file system|disk quota|too many (?:open files|links)|cannot allocate|out of memory|malloc failed|resource temporarily unavailable|cannot (?:fork|create async|create thread)|unable to create threaded|was ended by a signal|\b(?:EMFILE|ENFILE|ENOMEM|EAGAIN|ENOSPC|EDQUOT|EROFS|EACCES|EPERM)\b/i.test(
    stderr,
  );
}

/** The line that says why, without Git's prefix, secrets and control characters; 200 characters at most. */
export function lastWords(stderr: string): string {
  const lines = withoutRemoteWords(redact(stderr))
    .split('\n')
    .map((line) => line.trim());
  const telling = lines.find((line) => line.startsWith('fatal:')) ?? lines.findLast((line) => line !== '') ?? '';
  return telling.replace(/^(?:fatal|error): /, '').slice(0, 200);
}

/** Takes user names, passwords and tokens out of what Git or a server printed. */
export function redact(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^/\s@'"]*@/gi, '$1')
    .replace(/((?:authorization|cookie|password|token)["']?\s*[:=]\s*)[^\n]*/gi, '$1…')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ');
}

/** `remote:` lines are free text of the other side, which must not choose what we report. */
function withoutRemoteWords(stderr: string): string {
  return stderr
    .split(/[\r\n]/)
    .filter((line) => !/^\s*remote:/.test(line))
    .join('\n');
}
