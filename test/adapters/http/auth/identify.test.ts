import { describe, expect, it } from 'vitest';
import {
  apiKeyPattern,
  newApiKey,
  newSession,
  sameHash,
  secretHash,
} from '../../../../adapters/http/auth/credentials.ts';
import { identify } from '../../../../adapters/http/auth/identify.ts';
import type { Key } from '../../../../projections/keys.ts';
import type { Session } from '../../../../projections/sessions.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const { apiKey, keyId, keyHash } = newApiKey();
const { token, tokenHash, sessionId } = newSession();
const key: Key = { keyId, hash: keyHash, role: 'admin', status: 'active', createdAt: '' };
const session: Session = {
  sessionId,
  hash: tokenHash,
  keyId,
  userId: 'admin',
  openedAt: '',
  expiresAt: '2026-03-02T12:00:00.000Z',
};
const views = (changes: { key?: Partial<Key>; session?: Partial<Session> } = {}) => ({
  keys: new Map([[keyId, { ...key, ...changes.key }]]),
  sessions: new Map([[sessionId, { ...session, ...changes.session }]]),
});

describe('API keys', () => {
  it('hold 256 bits in letters and digits, and differ', () => {
    expect(apiKey).toMatch(apiKeyPattern);
    expect(43 * Math.log2(62)).toBeGreaterThan(256);
    expect(new Set(Array.from({ length: 50 }, () => newApiKey().apiKey)).size).toBe(50);
    expect(keyHash).toBe(secretHash(apiKey));
  });

  it('are taken from X-API-Key and as bearer', () => {
    const proof = { keyId, userId: 'admin', sessionId: null, via: 'key' };
    expect(identify({ 'x-api-key': apiKey }, views(), now)).toEqual(proof);
    expect(identify({ authorization: `Bearer ${apiKey}` }, views(), now)).toEqual(proof);
  });

  it.each(['rotated', 'revoked'] as const)('open nothing once %s', (status) => {
    expect(identify({ 'x-api-key': apiKey }, views({ key: { status } }), now)).toBeNull();
  });

  it('that are wrong are not made good by a cookie', () => {
    const cookie = `authorizationToken=${token}`;
    expect(identify({ 'x-api-key': `${apiKey}x`, cookie }, views(), now)).toBeNull();
    expect(identify({ authorization: 'Basic abc', cookie }, views(), now)).toBeNull();
  });
});

describe('sessions', () => {
  it('are taken from the cookie among others, and as bearer', () => {
    const cookie = `a=b; authorizationToken=${token}; c=d`;
    expect(identify({ cookie }, views(), now)).toEqual({ keyId, userId: 'admin', sessionId, via: 'cookie' });
    expect(identify({ authorization: `bearer ${token}` }, views(), now)?.via).toBe('bearer');
  });

  it('end at their time, to the millisecond', () => {
    const end = Date.parse(session.expiresAt);
    const headers = { cookie: `authorizationToken=${token}` };
    expect(identify(headers, views(), end - 1)).not.toBeNull();
    expect(identify(headers, views(), end)).toBeNull();
  });

  it('end with their key', () => {
    expect(identify({ cookie: `authorizationToken=${token}` }, views({ key: { status: 'revoked' } }), now)).toBeNull();
  });

  it('need the whole token, not one that only begins alike', () => {
    const forged = views({ session: { hash: tokenHash.slice(0, 24).padEnd(64, '0') } });
    expect(identify({ cookie: `authorizationToken=${token}` }, forged, now)).toBeNull();
  });

  it.each(['Admin', '../../etc/passwd', '', `${'0'.repeat(63)}g`])('are not found by %j', (value) => {
    expect(identify({ cookie: `authorizationToken=${value}` }, views(), now)).toBeNull();
    expect(identify({ authorization: `Bearer ${value}` }, views(), now)).toBeNull();
  });
});

it('sameHash compares whole hashes', () => {
  expect(sameHash(keyHash, keyHash)).toBe(true);
  expect(sameHash(keyHash, tokenHash)).toBe(false);
  expect(sameHash(keyHash, keyHash.slice(1))).toBe(false);
});
