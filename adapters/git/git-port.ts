import type { RemoteHeads, ResolvedSource, SyncedRepository } from './git-types.ts';
import type { MirrorStorage } from './mirror-storage.ts';

/**
 * Git remotes, through bare mirrors below `<data>/repos/`. Every call has a deadline (setting
 * git.timeoutMs) and settles soon after `signal` aborts; no child of git outlives it.
 *
 * Errors: GIT_URL_REFUSED, GIT_NOT_A_REPOSITORY, GIT_AUTH_REQUIRED, GIT_UNREACHABLE, GIT_TIMEOUT,
 * GIT_REF_NOT_FOUND, GIT_FAILED, WATCH_IMPOSSIBLE, AGENT_NOT_FOUND, MANIFEST_INVALID.
 */
export interface GitPort {
  /** Fetches the mirror and lists the agents at the head of `branch` (null = the remote's default branch). */
  sync(repository: RepositoryAddress, signal: AbortSignal): Promise<SyncedRepository>;

  /** Where the branches of the remote are now. Asks, and brings nothing. */
  heads(repository: RepositoryAddress, signal: AbortSignal): Promise<RemoteHeads>;

  /** What the remote has under a short name; a branch where it has both. Asks, and brings nothing. */
  kindOf(repository: RepositoryAddress, name: string, signal: AbortSignal): Promise<'branch' | 'tag' | null>;

  /**
   * Branch, tag or commit → commit, plus agent and manifest at that commit. Fetches first, unless `commit` is
   * a full hash that the mirror already holds (so that a rollback works with the remote down). Pins the
   * commit with the ref `refs/ploinky/<deployment key>/<release>`, so that neither force-push nor gc loses it.
   */
  resolve(request: ResolveSource, signal: AbortSignal): Promise<ResolvedSource>;

  /**
   * Writes the agent's folder at the commit into `target` (absent or replaced as a whole: temporary folder,
   * then rename). Submodules and LFS are left alone. Symbolic links that lead out of the folder are refused
   * with MANIFEST_INVALID.
   */
  checkout(
    request: { repository: RepositoryAddress; commit: string; agent: string; target: string },
    signal: AbortSignal,
  ): Promise<void>;

  /**
   * Which files of the agent at the commit are not in `folder` as they are there. What lies beside them, as an
   * install step leaves it, does not count.
   */
  compare(
    request: { repository: RepositoryAddress; commit: string; agent: string; folder: string },
    signal: AbortSignal,
  ): Promise<{ readonly files: number; readonly differing: readonly string[] }>;

  /**
   * Takes a commit into the repository at `ploinky-dev:<name>`, which is made when absent. What an earlier commit brought
   * may be missing in the pack; DEV_INCOMPLETE where it is not there.
   */
  receivePack(received: { name: string; commit: string; pack: Buffer }, signal: AbortSignal): Promise<void>;
  /** What mirrors hold on disk, for whoever cleans up. */
  readonly storage: Pick<MirrorStorage, 'list' | 'unpin' | 'remove'>;

  /** Name of the folder that the mirror of an address has, whether it is there or not. */
  mirrorOf(url: string): string;

  /** Takes away the pin of a release. */
  unpin(request: { repository: RepositoryAddress; deployment: string; release: number }): Promise<void>;
}

export interface RepositoryAddress {
  readonly name: string;
  /** `https://…`, `ssh://…`, `user@host:path`, a local path or `file://…`, `bundled:<name>` or `ploinky-dev:<name>`. */
  readonly url: string;
  readonly branch: string | null;
}

export interface ResolveSource {
  readonly repository: RepositoryAddress;
  readonly agent: string;
  readonly branch: string | null;
  /** Wins over `branch`; null or absent = none. */
  readonly tag?: string | null;
  /** Wins over both. */
  readonly commit: string | null;
  /** Pushes to the branch are followed: a tag of its name will not do, WATCH_IMPOSSIBLE. */
  readonly follows?: boolean;
  readonly deployment: string;
  readonly release: number;
}
