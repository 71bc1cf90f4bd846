import { type SecretUse, usesOf } from '../decisions/secret-uses.ts';
import type { Views } from '../projections/views.ts';

export interface ListedSecret {
  readonly name: string;
  /** The newest version. */
  readonly version: number;
  /** All that can be read. */
  readonly versions: number[];
  /** When and by whom it was set last. */
  readonly setAt: string;
  readonly setBy: string;
  /** Releases that serve or are being made; one that is not `current` runs with an older version. */
  readonly uses: (SecretUse & { readonly current: boolean })[];
}

/** Every secret that has a value, by name. Values are not in the state. */
export function listSecrets(views: Views): ListedSecret[] {
  return [...views.secrets.values()]
    .filter(({ versions }) => versions.length > 0)
    .map(({ name, versions, updatedAt, updatedBy }) => {
      const version = versions.at(-1) ?? 0;
      const uses = usesOf(views, name).map((use) => ({ ...use, current: use.version === version }));
      return { name, version, versions: [...versions], setAt: updatedAt, setBy: updatedBy, uses };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
