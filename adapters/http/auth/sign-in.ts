import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { Surroundings } from '../surroundings.ts';
import { newSession } from './credentials.ts';
import { findKey } from './identify.ts';

export const sessionSeconds = 24 * 60 * 60;

export interface SignedIn {
  readonly token: string;
  readonly userId: string;
}

/**
 * A session for an API key, 24 hours long.
 * @throws PloinkyError INVALID_API_KEY, TOO_MANY_REQUESTS after ten failures in a minute from one address
 */
export async function signIn(
  { cloud, limiter, denied, now }: Surroundings,
  apiKey: unknown,
  from: { address: string; trace: string; route: string },
): Promise<SignedIn> {
  const views = cloud.views();
  const wait = limiter.waitSeconds(from.address);
  if (wait > 0) {
    throw new PloinkyError('TOO_MANY_REQUESTS', `Too many failed logins; wait ${wait} s.`, {
      details: { retryAfterSeconds: wait },
    });
  }
  const key = typeof apiKey === 'string' ? findKey(apiKey.trim(), views) : null;
  if (!key) {
    limiter.failed(from.address);
    denied.note('POST', from.route, 'invalid API key');
    throw new PloinkyError('INVALID_API_KEY', 'Invalid API key');
  }
  const { token, tokenHash, sessionId } = newSession();
  const at = now();
  await cloud.execute(
    {
      type: 'openSession',
      sessionId,
      tokenHash,
      keyId: key.keyId,
      userId: key.role,
      now: new Date(at).toISOString(),
      expiresAt: new Date(at + sessionSeconds * 1000).toISOString(),
    },
    { actor: `admin:${key.keyId}`, trace: from.trace },
  );
  return { token, userId: key.role };
}
