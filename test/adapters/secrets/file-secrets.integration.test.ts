import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSecrets } from '../../../adapters/secrets/file-secrets.ts';
import { secretsContract } from '../../contracts/secrets-contract.ts';

const hex = 'ab'.repeat(32);
let data: string;

/** A store in the folder of the moment. */
const store = ({ given, cloudId = 'cloud-1' }: { given?: string; cloudId?: string } = {}) =>
  createFileSecrets({
    folder: join(data, 'secrets'),
    key: { file: join(data, 'secrets.key'), given },
    cloudId,
  });
const file = (name: string, version: number) => join(data, 'secrets', `${name}.${version}`);
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const makeData = () => {
  data = mkdtempSync(join(tmpdir(), 'ploinky-secrets-'));
};
const dropData = () => rmSync(data, { recursive: true, force: true });

secretsContract('in files', {
  open: async () => {
    makeData();
    return store();
  },
  end: async () => dropData(),
});

describe('the files of the secret store', () => {
  beforeEach(makeData);
  afterEach(dropData);

  it('hold no value, and open to their owner only', async () => {
    await store().put('token', 1, 'a value worth keeping');
    expect(readFileSync(file('token', 1)).includes('a value worth keeping')).toBe(false);
    expect([file('token', 1), join(data, 'secrets.key')].map(mode)).toEqual(['600', '600']);
    expect(mode(join(data, 'secrets'))).toBe('700');
    expect(readdirSync(data).sort()).toEqual(['secrets', 'secrets.key']);
  });

  it('are different each time, also for the same value', async () => {
    await store().put('token', 1, 'same');
    const first = readFileSync(file('token', 1));
    await store().put('token', 1, 'same');
    expect(readFileSync(file('token', 1)).equals(first)).toBe(false);
  });

  it('are refused with any byte changed, and when cut off', async () => {
    await store().put('token', 1, 'value');
    const whole = readFileSync(file('token', 1));
    for (let at = 0; at < whole.length; at += 1) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(whole.readUInt8(at) ^ 0x10, at);
      writeFileSync(file('token', 1), flipped);
      await expect(store().get('token', 1)).rejects.toMatchObject({
        code: expect.stringMatching(/^SECRET_(DAMAGED|KEY_WRONG)$/),
      });
      writeFileSync(file('token', 1), whole.subarray(0, at));
      await expect(store().get('token', 1)).rejects.toMatchObject({ code: 'SECRET_DAMAGED' });
    }
  });

  it('open only as what they were stored as', async () => {
    await store().put('token', 1, 'old');
    await store().put('token', 2, 'new');
    renameSync(file('token', 1), file('token', 2));
    await expect(store().get('token', 2)).rejects.toMatchObject({ code: 'SECRET_DAMAGED' });
    renameSync(file('token', 2), file('other', 1));
    await expect(store().get('other', 1)).rejects.toMatchObject({ code: 'SECRET_DAMAGED' });
    renameSync(file('other', 1), file('token', 1));
    await expect(store({ cloudId: 'cloud-2' }).get('token', 1)).rejects.toMatchObject({ code: 'SECRET_DAMAGED' });
    expect(await store().get('token', 1)).toBe('old');
  });

  it('are overwritten before they go', async () => {
    await store().put('token', 1, 'value');
    const whole = readFileSync(file('token', 1));
    linkSync(file('token', 1), join(data, 'another-name'));
    writeFileSync(join(data, 'secrets', 'token.2.new'), 'left by a crash');
    await store().remove('token');
    const left = readFileSync(join(data, 'another-name'));
    expect(left.length).toBe(whole.length);
    expect(left.equals(whole)).toBe(false);
    expect(readdirSync(join(data, 'secrets'))).toEqual([]);
  });

  it('belong to one name, however many dots it has', async () => {
    const names = ['a', 'a.1', 'a.1.new', 'a.new'];
    for (const name of names) await store().put(name, 1, name);
    expect(await store().names()).toEqual(names);
    await store().remove('a');
    await store().remove('a.1');
    expect(await store().names()).toEqual(['a.1.new', 'a.new']);
    expect(await store().get('a.1.new', 1)).toBe('a.1.new');
  });
});

describe('the key', () => {
  beforeEach(makeData);
  afterEach(dropData);

  it('may come from the environment, in hex or base64, and is then written nowhere', async () => {
    await store({ given: hex }).put('token', 1, 'value');
    const base64 = Buffer.from(hex, 'hex').toString('base64');
    for (const given of [hex.toUpperCase(), base64, base64.replace('=', ''), ` ${base64}\n`]) {
      expect(await store({ given }).get('token', 1)).toBe('value');
    }
    expect(existsSync(join(data, 'secrets.key'))).toBe(false);
  });

  it.each(['short', 'zz'.repeat(32), Buffer.alloc(31).toString('base64'), 'x'.repeat(44)])(
    'of the wrong form is refused and not repeated: %s',
    async (given) => {
      const refusal = store({ given }).put('token', 1, 'value');
      await expect(refusal).rejects.toMatchObject({ code: 'SECRET_KEY_INVALID' });
      await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining(given) });
      expect(existsSync(join(data, 'secrets'))).toBe(false);
    },
  );

  it('is never made anew while there are values', async () => {
    await store().put('token', 1, 'value');
    rmSync(join(data, 'secrets.key'));
    const attempts = [() => store().put('token', 2, 'x'), () => store().get('token', 1), () => store().check()];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({ code: 'SECRET_KEY_MISSING' });
    }
    expect(readdirSync(data)).toEqual(['secrets']);
    await store().remove('token');
    await store().put('token', 3, 'fresh');
    expect(await store().get('token', 3)).toBe('fresh');
  });

  it('that others may read is refused', async () => {
    await store().put('token', 1, 'value');
    chmodSync(join(data, 'secrets.key'), 0o640);
    await expect(store().get('token', 1)).rejects.toMatchObject({
      code: 'SECRET_KEY_EXPOSED',
      message: expect.stringContaining('0640'),
    });
    chmodSync(join(data, 'secrets.key'), 0o600);
    expect(await store().get('token', 1)).toBe('value');
  });

  it('that does not fit is named, and nothing is written with it', async () => {
    await store().put('token', 1, 'value');
    const other = store({ given: hex });
    await expect(other.get('token', 1)).rejects.toMatchObject({
      code: 'SECRET_KEY_WRONG',
      message: expect.stringContaining('PLOINKY_SECRET_KEY'),
    });
    await expect(other.put('token', 2, 'x')).rejects.toMatchObject({ code: 'SECRET_KEY_WRONG' });
    await expect(other.check()).rejects.toMatchObject({ code: 'SECRET_KEY_WRONG' });
    expect(existsSync(file('token', 2))).toBe(false);
  });
});
