import type { IncomingHttpHeaders } from 'node:http';

/**
 * Did a browser send this on behalf of another site's page? Programs send neither header and are believed: they
 * do not carry a cookie that somebody else made them send.
 */
export function foreignOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const origin = headers.origin;
  if (origin === undefined) return false;
  return hostOfOrigin(origin) !== headers.host?.toLowerCase();
}

/** As `foreignOrigin`, but pages of other ports of the same machine or site are not foreign. */
export function foreignSite(headers: IncomingHttpHeaders): boolean {
  if (headers['sec-fetch-site'] !== undefined) return headers['sec-fetch-site'] === 'cross-site';
  const origin = headers.origin;
  if (origin === undefined) return false;
  return withoutPort(hostOfOrigin(origin) ?? '') !== withoutPort(headers.host?.toLowerCase() ?? '');
}

function hostOfOrigin(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}
