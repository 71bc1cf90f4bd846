import type { Paths } from '../../adapters/pipeline/paths.ts';
import { createFileSecrets } from '../../adapters/secrets/file-secrets.ts';
import type { SecretStore } from '../../adapters/secrets/secret-store.ts';
import type { Ground } from '../ground/ground.ts';

/** In every value of a secret, so that one can be found wherever it got to. */
export const secretMark = 'sealed-value-of-';

/** The product's own store on the simulated disk, and what the world knows of the values in it. */
export class WitnessedSecrets {
  readonly #ground: Ground;
  readonly #values = new Map<string, string>();
  readonly #destroyed = new Set<string>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** What was stored as that version of a secret, if anything ever was. */
  valueOf(name: string, version: number): string | undefined {
    return this.#values.get(`${name}@${version}`);
  }

  open(paths: Paths, cloudId: string): SecretStore {
    const key = { file: paths.secretKey, given: undefined };
    const store = createFileSecrets({ folder: paths.secrets, key, cloudId });
    return {
      put: async (name, version, value) => {
        this.#values.set(`${name}@${version}`, value);
        // The number of a version that never came to be, as when the disk was full, is given again.
        this.#destroyed.delete(`${name}@${version}`);
        await store.put(name, version, value);
      },
      get: async (name, version) => {
        const gone = this.#destroyed.has(`${name}@${version}`);
        const value = await store.get(name, version);
        if (gone) this.#ground.fail('destroyed-is-gone', `${name} version ${version} was read after it was destroyed`);
        return value;
      },
      discard: (name, version) => store.discard(name, version),
      remove: async (name) => {
        await store.remove(name);
        for (const known of this.#values.keys()) if (known.startsWith(`${name}@`)) this.#destroyed.add(known);
      },
      names: () => store.names(),
      check: () => store.check(),
    };
  }
}
