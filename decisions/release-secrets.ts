import { type Environment, secretNames } from '../core/manifest/environment.ts';
import type { Release } from '../projections/releases.ts';
import type { Views } from '../projections/views.ts';
import { refused } from './refuse.ts';

/** What a container of the release is given: the manifest's variables, under those of the deployment. */
export function environmentOf({ source, config }: Pick<Release, 'source' | 'config'>): Environment {
  return { ...source?.manifest.environment, ...config.environment };
}

/** The newest version of a secret that can be read; undefined when it was never set, or removed. */
export function newestVersion({ secrets }: Pick<Views, 'secrets'>, name: string): number | undefined {
  return secrets.get(name)?.versions.at(-1);
}

export type Frozen =
  | { readonly kind: 'known'; readonly versions: Readonly<Record<string, number>> }
  | ReturnType<typeof refused>;

/** The versions that a release is made with, whatever becomes of the secrets later. */
export function freezeSecrets(views: Pick<Views, 'secrets'>, environment: Environment, who: string): Frozen {
  const versions: Record<string, number> = {};
  const unknown: string[] = [];
  for (const name of secretNames(environment)) {
    const version = newestVersion(views, name);
    if (version === undefined) unknown.push(name);
    else versions[name] = version;
  }
  if (unknown.length === 0) return { kind: 'known', versions };
  const are = unknown.length === 1 ? 'a secret that is not set' : 'secrets that are not set';
  const set = unknown.map((name) => `\`p-cli cloud secret set ${name}\``).join(' and ');
  return refused('SECRET_NOT_FOUND', `${who} names ${are}: ${unknown.join(', ')}.`, `Run ${set}, then deploy again.`);
}
