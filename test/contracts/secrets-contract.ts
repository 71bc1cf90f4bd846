import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecretStore } from '../../adapters/secrets/secret-store.ts';

/** How a suite gets at one implementation. */
export interface SecretsFixture {
  /** An empty store. */
  open(): Promise<SecretStore>;
  /** Ends everything that `open` made. */
  end(): Promise<void>;
}

/** What every secret store must do. */
export function secretsContract(name: string, fixture: SecretsFixture): void {
  describe(`the secret store: ${name}`, () => {
    let store: SecretStore;
    beforeEach(async () => {
      store = await fixture.open();
    });
    afterEach(() => fixture.end());

    it('gives each version as it was put', async () => {
      const values = ['plain', ' spaces and\nlines\n', 'Zürich 🗝', '"\'\\$`', 'x'.repeat(64 * 1024)];
      for (const [i, value] of values.entries()) await store.put('token', i + 1, value);
      for (const [i, value] of values.entries()) expect(await store.get('token', i + 1)).toBe(value);
    });

    it('replaces a version, which a crash may have left behind', async () => {
      await store.put('token', 1, 'left behind');
      await store.put('token', 1, 'meant');
      expect(await store.get('token', 1)).toBe('meant');
    });

    it('says which version is missing', async () => {
      await store.put('token', 1, 'one');
      await expect(store.get('token', 2)).rejects.toMatchObject({
        code: 'SECRET_MISSING',
        message: expect.stringContaining('token version 2'),
      });
      await expect(store.get('other', 1)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
    });

    it('destroys one version, or all of a secret, and nothing else', async () => {
      for (const name of ['a', 'b']) for (const version of [1, 2]) await store.put(name, version, `${name}${version}`);
      await store.discard('a', 2);
      expect(await store.get('a', 1)).toBe('a1');
      await expect(store.get('a', 2)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
      await store.remove('b');
      await expect(store.get('b', 1)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
      await expect(store.get('b', 2)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
      expect(await store.names()).toEqual(['a']);
      await store.put('b', 3, 'again');
      expect(await store.get('b', 3)).toBe('again');
    });

    it('destroys what is not there without a word', async () => {
      await store.discard('nothing', 1);
      await store.remove('nothing');
      expect(await store.names()).toEqual([]);
      await store.check();
    });

    it('takes no name that would lead elsewhere', async () => {
      for (const name of ['../up', '.', '..', 'a/b', '', '__proto__']) {
        await expect(store.put(name, 1, 'x')).rejects.toMatchObject({ code: 'INVALID_NAME' });
      }
    });
  });
}
