import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { RemoteUrl } from '../../core/names/remote-url.ts';
import { type ConversationOutcome, converse } from './conversation.ts';
import { remoteConfig, remoteEnvironment } from './git-environment.ts';
import { classifyGitFailure, isMachineTrouble } from './git-failure.ts';
import type { Mirror } from './mirror.ts';
import { parseRemoteRefs, type RemoteRefs } from './remote-refs.ts';

/** Everything that a conversation with one remote needs. */
export interface Remote {
  /** For messages: name and address of the repository. */
  readonly label: string;
  /** Names the mirror. Not the address of a bundled repository, so that the data folder may move. */
  readonly key: string;
  /** What Git is given. */
  readonly address: string;
  readonly protocol: RemoteUrl['protocol'];
  readonly home: string;
  readonly timeoutMs: number;
  /** Of the caller. */
  readonly signal: AbortSignal;
  /** Runs out `timeoutMs` after the conversation began. */
  readonly deadline: AbortSignal;
}

/** Thrown when Git could not go on because our mirror is damaged. */
export class MirrorDamaged extends Error {}

/** @throws PloinkyError GIT_* */
export function listRemote(remote: Remote): Promise<RemoteRefs> {
  return askRemote(remote, []);
}

/** Without its tags, which may be many. @throws PloinkyError GIT_* */
export function listBranches(remote: Remote): Promise<RemoteRefs> {
  return askRemote(remote, ['HEAD', 'refs/heads/*']);
}

/** The branch and the tag of this short name, as far as there are any. @throws PloinkyError GIT_* */
export function listNamed(remote: Remote, name: string): Promise<RemoteRefs> {
  return askRemote(remote, [`refs/heads/${name}`, `refs/tags/${name}`]);
}

async function askRemote(remote: Remote, patterns: readonly string[]): Promise<RemoteRefs> {
  const { stdout } = await speak(remote, ['ls-remote', '--symref', '--', remote.address, ...patterns], '');
  return parseRemoteRefs(stdout);
}

/**
 * Brings objects and writes no ref, so that a Git which outlives a killed server cannot meddle with what the next
 * one does. `wanted` are full ref names or hashes.
 * @throws PloinkyError GIT_*; MirrorDamaged
 */
export async function fetchObjects(remote: Remote, mirror: Mirror, wanted: readonly string[]): Promise<void> {
  const args = [
    `--git-dir=${mirror.folder}`,
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-auto-gc',
    '--no-recurse-submodules',
    '--stdin',
    '--',
    remote.address,
  ];
  await speak(remote, args, `${wanted.join('\n')}\n`);
}

async function speak(remote: Remote, args: readonly string[], input: string): Promise<ConversationOutcome> {
  const { protocol, home, timeoutMs, deadline, signal } = remote;
  const outcome = await converse({
    args: [...remoteConfig(protocol, timeoutMs), ...args],
    env: remoteEnvironment(protocol, home),
    input,
    signals: [signal, deadline],
  }).catch((cause: NodeJS.ErrnoException) => {
    throw new PloinkyError('GIT_FAILED', `Git could not be started: ${cause.code ?? 'unknown error'}.`, {
      hint: 'Install Git 2.30 or newer on the machine of the server.',
      cause,
    });
  });
  checkTime(remote);
  if (outcome.exitCode === 0) return outcome;
  const { code, clause, damagedMirror } = classifyGitFailure(outcome.stderr);
  if (damagedMirror && !isMachineTrouble(outcome.stderr)) throw new MirrorDamaged(clause);
  throw new PloinkyError(code, `The repository ${remote.label} ${clause}.`);
}

/** @throws PloinkyError GIT_TIMEOUT, or GIT_FAILED when the caller gave up */
export function checkTime({ signal, deadline, label, timeoutMs }: Remote): void {
  if (signal.aborted) throw stopped(signal, label);
  if (!deadline.aborted) return;
  throw new PloinkyError('GIT_TIMEOUT', `The repository ${label} did not answer within ${timeoutMs / 1000} s.`);
}

/** What the caller gave as reason, when that is an error for users. */
export function stopped(signal: AbortSignal, label: string): PloinkyError {
  if (signal.reason instanceof PloinkyError) return signal.reason;
  return new PloinkyError('GIT_FAILED', `Work on the repository ${label} was stopped before it ended.`);
}
