import type { IncomingHttpHeaders } from 'node:http';
import type { Key } from '../../../projections/keys.ts';
import type { Views } from '../../../projections/views.ts';
import { readSessionCookie } from './cookie.ts';
import { apiKeyPattern, sameHash, secretHash, sessionIdOf, sessionTokenPattern } from './credentials.ts';

/** What a request proved about who sent it. */
export interface Proof {
  readonly keyId: string;
  readonly userId: string;
  /** Set for a session, null for an API key. */
  readonly sessionId: string | null;
  /** A browser sends a cookie by itself, so a cookie proves less: see `foreignOrigin`. */
  readonly via: 'cookie' | 'bearer' | 'key';
}

type Access = Pick<Views, 'keys' | 'sessions'>;

export function carriesCredentials(headers: IncomingHttpHeaders): boolean {
  return (
    headers['x-api-key'] !== undefined || headers.authorization !== undefined || headers.cookie?.includes('=') === true
  );
}

/**
 * Key header, then bearer, then cookie. The first that is there decides: a wrong key is not made good by a cookie.
 * `now` in milliseconds since 1970.
 */
export function identify(headers: IncomingHttpHeaders, views: Access, now: number): Proof | null {
  const apiKey = headers['x-api-key'];
  if (apiKey !== undefined) return typeof apiKey === 'string' ? byKey(apiKey, views) : null;
  if (headers.authorization !== undefined) {
    const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization)?.[1];
    if (bearer === undefined) return null;
    return bearer.startsWith('sk_') ? byKey(bearer, views) : bySession(bearer, 'bearer', views, now);
  }
  const token = readSessionCookie(headers.cookie);
  return token === null ? null : bySession(token, 'cookie', views, now);
}

/** Compares with every active key, so that the time tells nothing about which came close. */
export function findKey(apiKey: string, views: Pick<Views, 'keys'>): Key | null {
  if (!apiKeyPattern.test(apiKey)) return null;
  const hash = secretHash(apiKey);
  let found: Key | null = null;
  for (const key of views.keys.values()) {
    if (key.status === 'active' && sameHash(key.hash, hash)) found = key;
  }
  return found;
}

function byKey(apiKey: string, views: Access): Proof | null {
  const key = findKey(apiKey, views);
  return key && { keyId: key.keyId, userId: key.role, sessionId: null, via: 'key' };
}

function bySession(token: string, via: 'cookie' | 'bearer', views: Access, now: number): Proof | null {
  if (!sessionTokenPattern.test(token)) return null;
  const hash = secretHash(token);
  const session = views.sessions.get(sessionIdOf(hash));
  if (!session || !sameHash(session.hash, hash)) return null;
  if (Date.parse(session.expiresAt) <= now) return null;
  // The key may have been revoked in the moment before its sessions were closed.
  if (views.keys.get(session.keyId)?.status !== 'active') return null;
  return { keyId: session.keyId, userId: session.userId, sessionId: session.sessionId, via };
}
