import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { placeFile } from '../../core/files/place-file.ts';
import { syncFolder } from '../../core/files/sync-folder.ts';
import { parseSecretName } from '../../core/names/names.ts';
import { hasForm, isSealedWith, seal, unseal } from './sealed-value.ts';
import { parseSecretFile, secretFile, stagedFile } from './secret-file.ts';
import { type KeyPlace, keyVariable, makeKey, readKey } from './secret-key.ts';
import { type SecretStore, versionOf } from './secret-store.ts';

export interface FileSecretsOptions {
  /** `<data>/secrets`; values are in `<name>.<version>` in it. */
  readonly folder: string;
  readonly key: KeyPlace;
  /** Part of what each value is bound to. */
  readonly cloudId: string;
}

/** Values encrypted with AES-256-GCM, one file for each version. */
export function createFileSecrets(options: FileSecretsOptions): SecretStore {
  return new FileSecrets(options);
}

class FileSecrets implements SecretStore {
  readonly #root: string;
  readonly #place: KeyPlace;
  readonly #cloudId: string;

  constructor({ folder, key, cloudId }: FileSecretsOptions) {
    this.#root = folder;
    this.#place = key;
    this.#cloudId = cloudId;
  }

  async put(name: string, version: number, value: string): Promise<void> {
    const file = this.#file(name, version);
    try {
      const sealed = seal(await this.#keyToWrite(), this.#owner(name, version), value);
      await placeFile(file, sealed, { staged: join(this.#root, stagedFile(name, version)) });
      // The folder may have been made by somebody who was killed right then.
      await syncFolder(dirname(this.#root));
    } catch (error) {
      throw isFull(error) ? new PloinkyError('DISK_FULL', `There is no room for ${name}.`, { cause: error }) : error;
    }
  }

  async get(name: string, version: number): Promise<string> {
    const file = this.#file(name, version);
    const sealed = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new PloinkyError('SECRET_MISSING', `The value of ${versionOf(name, version)} is not in ${this.#root}.`, {
        hint: `Give a new one with \`p-cli cloud secret rotate ${name}\` and deploy again.`,
      });
    });
    const key = await readKey(this.#place);
    if (!key) throw this.#noKey();
    const value = unseal(key, this.#owner(name, version), sealed);
    if (value !== null) return value;
    if (hasForm(sealed) && !isSealedWith(key, sealed)) throw this.#otherKey(versionOf(name, version));
    throw new PloinkyError(
      'SECRET_DAMAGED',
      `${file} is not what was stored as ${versionOf(name, version)} of this cloud.`,
    );
  }

  async discard(name: string, version: number): Promise<void> {
    await destroy(this.#file(name, version));
    await this.#afterDestroying();
  }

  async remove(name: string): Promise<void> {
    const wanted = parseSecretName(name);
    for (const file of await entries(this.#root)) {
      if (parseSecretFile(file)?.name === wanted) await destroy(join(this.#root, file));
    }
    await this.#afterDestroying();
  }

  async names(): Promise<readonly string[]> {
    const names = (await entries(this.#root)).flatMap((file) => parseSecretFile(file)?.name ?? []);
    return [...new Set(names)].sort();
  }

  async check(): Promise<void> {
    const some = await this.#anyValue();
    const key = await readKey(this.#place);
    if (!some) return;
    if (!key) throw this.#noKey();
    if (!isSealedWith(key, some.sealed)) throw this.#otherKey(some.name);
  }

  /** Made with the first secret. Once there are values, only the key that opens them will do. */
  async #keyToWrite(): Promise<Buffer> {
    await this.check();
    return (await readKey(this.#place)) ?? makeKey(this.#place);
  }

  async #anyValue(): Promise<{ readonly name: string; readonly sealed: Buffer } | null> {
    for (const file of await entries(this.#root)) {
      const found = parseSecretFile(file);
      if (!found || found.staged) continue;
      const sealed = await readFile(join(this.#root, file)).catch(() => null);
      if (sealed && hasForm(sealed)) return { name: versionOf(found.name, found.version), sealed };
    }
    return null;
  }

  /** Names come from events and manifests too. @throws PloinkyError INVALID_NAME */
  #file(name: string, version: number): string {
    return join(this.#root, secretFile(parseSecretName(name), version));
  }

  #owner(name: string, version: number) {
    return { cloudId: this.#cloudId, name, version };
  }

  #noKey(): PloinkyError {
    const { file } = this.#place;
    return new PloinkyError('SECRET_KEY_MISSING', `There are secrets in ${this.#root}, but no key to them.`, {
      hint: `Bring ${file} back, or start the server with ${keyVariable}.`,
    });
  }

  #otherKey(what: string): PloinkyError {
    const { file, given } = this.#place;
    const held = given ? keyVariable : file;
    return new PloinkyError('SECRET_KEY_WRONG', `${what} was encrypted with another key than the one in ${held}.`);
  }

  async #afterDestroying(): Promise<void> {
    await syncFolder(this.#root).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

/** Overwritten in place first, so that what the file system may keep of it is noise. */
async function destroy(file: string): Promise<void> {
  try {
    const handle = await open(file, 'r+');
    try {
      const { size } = await handle.stat();
      await handle.write(randomBytes(size), 0, size, 0);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await unlink(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return code === 'ENOSPC' || code === 'EDQUOT';
}
