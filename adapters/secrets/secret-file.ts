/**
 * `<name>.<version>`, and `<name>.<version>.new` on its way: flat, for backups carry the folder as it is. Whatever dots
 * a name has, the last number is the version.
 */
const pattern = /^(.+)\.(\d{1,15})(\.new)?$/;

export interface SecretFile {
  readonly name: string;
  readonly version: number;
  /** Not yet in its place, or left there by a crash. */
  readonly staged: boolean;
}

export function secretFile(name: string, version: number): string {
  return `${name}.${version}`;
}

export function stagedFile(name: string, version: number): string {
  return `${secretFile(name, version)}.new`;
}

/** Null for what is none of ours. */
export function parseSecretFile(file: string): SecretFile | null {
  const [, name, version, staged] = pattern.exec(file) ?? [];
  return name === undefined ? null : { name, version: Number(version), staged: staged !== undefined };
}
