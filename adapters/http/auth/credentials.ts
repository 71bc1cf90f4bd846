import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** 43 of 62 letters hold 256 bits. */
const keyLength = 43;

export const apiKeyPattern = /^sk_[A-Za-z0-9]{43}$/;
export const sessionTokenPattern = /^[0-9a-f]{64}$/;

/** An Authorization header with a key or session token of Ploinky's form. */
export function isOwnBearer(authorization: string): boolean {
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  return apiKeyPattern.test(token) || sessionTokenPattern.test(token);
}

export interface NewKey {
  /** Shown once, kept nowhere. */
  readonly apiKey: string;
  readonly keyId: string;
  /** SHA-256, hex: all that the log keeps. */
  readonly keyHash: string;
}

/** `sk_` and 43 letters and digits: 256 bits of randomness. */
export function newApiKey(): NewKey {
  let apiKey = 'sk_';
  for (let i = 0; i < keyLength; i += 1) apiKey += alphabet[randomInt(alphabet.length)];
  return { apiKey, keyId: `k_${randomBytes(6).toString('hex')}`, keyHash: secretHash(apiKey) };
}

export interface NewSession {
  readonly token: string;
  readonly tokenHash: string;
  readonly sessionId: string;
}

/** The id is the beginning of the hash, so that a session is found by its token without a second index. */
export function newSession(): NewSession {
  const token = randomBytes(32).toString('hex');
  const tokenHash = secretHash(token);
  return { token, tokenHash, sessionId: sessionIdOf(tokenHash) };
}

export function sessionIdOf(tokenHash: string): string {
  return tokenHash.slice(0, 24);
}

/** SHA-256, hex. Enough for secrets of 256 random bits; a password would need a slow hash. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Takes the same time wherever the two differ. Both are hex digests. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
