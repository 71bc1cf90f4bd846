import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether `X-Hub-Signature-256` is the HMAC of these bytes, as GitHub sends it: `sha256=` and 64 hex digits. Takes as
 * long for a good one as for a bad one.
 */
export function signedByGitHub(body: Uint8Array, header: string | undefined, secret: string): boolean {
  const expected = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return sameText(header ?? '', expected);
}

/** Whether `X-Gitlab-Token` is the secret itself, which is what GitLab sends. */
export function tokenOfGitLab(header: string | undefined, secret: string): boolean {
  return sameText(header ?? '', secret);
}

/** What is compared has one length, whatever came. */
function sameText(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
