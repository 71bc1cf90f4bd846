import { withoutSessionCookie } from '../auth/cookie.ts';
import { apiKeyPattern, isOwnBearer } from '../auth/credentials.ts';

/**
 * What a web service gets of a header that may hold a proof of ours; null for nothing. A service has logins of its own
 * in the same headers, so that only what has the form of our keys and tokens is kept from it.
 */
export function withheldProofs(name: string, value: string): string | null {
  switch (name) {
    case 'cookie':
      return withoutSessionCookie(value);
    case 'authorization':
      return isOwnBearer(value) ? null : value;
    case 'x-api-key':
      return apiKeyPattern.test(value) ? null : value;
    default:
      return null;
  }
}
