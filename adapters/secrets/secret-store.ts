/**
 * Where the values of secrets are. The log has their names and versions; which of them count is decided there. One
 * contract suite (`test/contracts/secrets-contract.ts`) runs on every implementation.
 *
 * All methods may throw SECRET_KEY_MISSING, SECRET_KEY_INVALID, SECRET_KEY_EXPOSED, SECRET_KEY_WRONG, DISK_FULL.
 */
export interface SecretStore {
  /** Durable when it resolves. What a crash left under the version before is replaced. */
  put(name: string, version: number, value: string): Promise<void>;

  /** @throws PloinkyError SECRET_MISSING, SECRET_DAMAGED */
  get(name: string, version: number): Promise<string>;

  /** Destroys one version that no event names. Fine when there is none. */
  discard(name: string, version: number): Promise<void>;

  /** Destroys every version. Fine when there is none. Needs no key. */
  remove(name: string): Promise<void>;

  /** Names of which something is stored. */
  names(): Promise<readonly string[]>;

  /** Whether the values could be read now. @throws PloinkyError SECRET_KEY_* */
  check(): Promise<void>;
}

/** What a secret is known by in messages. */
export function versionOf(name: string, version: number): string {
  return `${name} version ${version}`;
}
