/** What one install step left, beside its files. */
export interface InstallManifest {
  readonly format: 1;
  readonly key: string;
  /** Release whose step it was, `<domain><path>#<n>`. */
  readonly release: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Sum of the files. */
  readonly bytes: number;
  readonly folders: readonly (readonly [path: string, mode: number])[];
  readonly files: readonly StoredFile[];
  readonly links: readonly (readonly [path: string, target: string])[];
  /** Of the checkout, taken away by the step. */
  readonly removed: readonly string[];
}

export type StoredFile = readonly [path: string, mode: number, size: number, modifiedMs: number, sha256: string];
