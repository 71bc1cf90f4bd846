import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { parseSecretName } from '../../core/names/names.ts';
import { type SecretStore, versionOf } from './secret-store.ts';

/** Values that end with the process. For tests. */
export function createMemorySecrets(): SecretStore {
  const values = new Map<string, Map<number, string>>();
  return {
    async put(name, version, value) {
      const versions = values.get(parseSecretName(name)) ?? new Map<number, string>();
      values.set(name, versions.set(version, value));
    },
    async get(name, version) {
      const value = values.get(name)?.get(version);
      if (value !== undefined) return value;
      throw new PloinkyError('SECRET_MISSING', `The value of ${versionOf(name, version)} is not there.`);
    },
    async discard(name, version) {
      const versions = values.get(name);
      versions?.delete(version);
      if (versions?.size === 0) values.delete(name);
    },
    async remove(name) {
      values.delete(name);
    },
    async names() {
      return [...values.keys()].sort();
    },
    async check() {},
  };
}
