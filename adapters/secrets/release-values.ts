import { secretVariables } from '../../core/manifest/environment.ts';
import { environmentOf } from '../../decisions/release-secrets.ts';
import type { Release } from '../../projections/releases.ts';
import { type Redact, redactor, withheld } from './redact.ts';
import { type SecretStore, versionOf } from './secret-store.ts';

/**
 * Values of the variables that are secrets, in the versions that the release was made with. To be held no longer than
 * it takes to hand them to an engine.
 * @throws PloinkyError SECRET_MISSING, SECRET_DAMAGED, SECRET_KEY_*
 */
export async function secretValues(
  store: SecretStore,
  release: Pick<Release, 'source' | 'config'>,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [variable, name] of secretVariables(environmentOf(release))) {
    const version = release.source?.secrets[name];
    if (version === undefined) throw new Error(`no version of the secret ${name} was resolved`);
    values[variable] = await store.get(name, version);
  }
  return values;
}

/**
 * Takes the release's secrets out of whatever its programs wrote. Where a value cannot be read it cannot be found
 * either: the text is then withheld as a whole.
 */
export async function redactorOf(store: SecretStore, release: Pick<Release, 'source'> | undefined): Promise<Redact> {
  const secrets: { name: string; value: string }[] = [];
  for (const [name, version] of Object.entries(release?.source?.secrets ?? {})) {
    try {
      secrets.push({ name, value: await store.get(name, version) });
    } catch {
      return withheld(versionOf(name, version));
    }
  }
  return redactor(secrets);
}
