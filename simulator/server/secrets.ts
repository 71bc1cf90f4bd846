import type { SecretStore } from '../../adapters/secrets/secret-store.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Ground } from '../ground/ground.ts';

/** Values that outlive the server, behind a disk that takes its time. */
export class SimulatedSecrets implements SecretStore {
  readonly #ground: Ground;
  readonly #values = new Map<string, Map<number, string>>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  put(name: string, version: number, value: string): Promise<void> {
    return this.#ask(() => {
      const versions = this.#values.get(name) ?? new Map<number, string>();
      this.#values.set(name, versions.set(version, value));
      this.#ground.boundary(`storing the secret ${name}`);
    });
  }

  get(name: string, version: number): Promise<string> {
    return this.#ask(() => {
      const value = this.#values.get(name)?.get(version);
      if (value === undefined)
        throw new PloinkyError('SECRET_MISSING', `The value of ${name} version ${version} is gone.`);
      return value;
    });
  }

  discard(name: string, version: number): Promise<void> {
    return this.#ask(() => {
      this.#values.get(name)?.delete(version);
    });
  }

  remove(name: string): Promise<void> {
    return this.#ask(() => {
      this.#values.delete(name);
    });
  }

  names(): Promise<readonly string[]> {
    return this.#ask(() => [...this.#values.keys()].sort());
  }

  check(): Promise<void> {
    return this.#ask(() => undefined);
  }

  #ask<T>(work: () => T): Promise<T> {
    return this.#ground.ask(this.#ground.random.between(0.02, 2), work);
  }
}
