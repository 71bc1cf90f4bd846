import type { Manifest } from '../../core/manifest/manifest.ts';

export interface SyncedRepository {
  /** Branch that `commit` is the head of. */
  readonly branch: string;
  readonly commit: string;
  /** Folders at the top that hold a manifest.json, by name. A broken manifest is listed with an empty `about`. */
  readonly agents: readonly { readonly name: string; readonly about: string }[];
}

export interface RemoteHeads {
  /** Null where the remote has no branch. */
  readonly defaultBranch: string | null;
  /** Commit by branch. */
  readonly branches: ReadonlyMap<string, string>;
}

export interface ResolvedSource {
  readonly branch: string | null;
  readonly commit: string;
  readonly subject: string;
  readonly manifest: Manifest;
}
