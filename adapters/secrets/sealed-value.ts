import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/**
 * A value on disk: magic (4), id of the key (8), nonce (12), tag (16), ciphertext. AES-256-GCM with a fresh random
 * nonce, as NIST SP 800-38D has it; far below the 2^32 values that one key is good for. Whose value it is goes into
 * the tag, so that a file that was moved to another name or version, or into another cloud, does not open.
 */
const magic = Buffer.from('PLS1');
const keyIdBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = magic.length + keyIdBytes + nonceBytes + tagBytes;

export interface Owner {
  readonly cloudId: string;
  readonly name: string;
  readonly version: number;
}

export function seal(key: Buffer, owner: Owner, value: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  const begin = Buffer.concat([magic, keyId(key)]);
  cipher.setAAD(boundTo(owner, begin));
  const ciphertext = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return Buffer.concat([begin, nonce, cipher.getAuthTag(), ciphertext]);
}

/** Null where file, key or owner are not those of then. */
export function unseal(key: Buffer, owner: Owner, sealed: Buffer): string | null {
  if (!hasForm(sealed)) return null;
  const nonceAt = magic.length + keyIdBytes;
  const tagAt = nonceAt + nonceBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(nonceAt, tagAt), { authTagLength: tagBytes });
  decipher.setAAD(boundTo(owner, sealed.subarray(0, nonceAt)));
  decipher.setAuthTag(sealed.subarray(tagAt, headBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

/** Tells a wrong key from a damaged file. */
export function isSealedWith(key: Buffer, sealed: Buffer): boolean {
  return hasForm(sealed) && sealed.subarray(magic.length, magic.length + keyIdBytes).equals(keyId(key));
}

export function hasForm(sealed: Buffer): boolean {
  return sealed.length >= headBytes && sealed.subarray(0, magic.length).equals(magic);
}

/** Says which key it is and nothing about it: a key is 32 random bytes. */
function keyId(key: Buffer): Buffer {
  return createHmac('sha256', key).update('id of a key of the ploinky secret store').digest().subarray(0, keyIdBytes);
}

function boundTo({ cloudId, name, version }: Owner, begin: Buffer): Buffer {
  return Buffer.from(JSON.stringify(['ploinky secret', begin.toString('hex'), cloudId, name, version]));
}
