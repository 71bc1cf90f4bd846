import { sessionTokenPattern } from './credentials.ts';

const name = 'authorizationToken';

/** The session token of a Cookie header, or null. Anything that is no token of ours is treated as absent. */
export function readSessionCookie(header: string | undefined): string | null {
  if (header === undefined || !header.includes(name)) return null;
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals < 0 || part.slice(0, equals).trim() !== name) continue;
    const value = part.slice(equals + 1).trim();
    return sessionTokenPattern.test(value) ? value : null;
  }
  return null;
}

/** A Cookie header without session tokens of ours; null when nothing is left of it. */
export function withoutSessionCookie(header: string): string | null {
  if (!header.includes(name)) return header;
  const kept = header.split(';').filter((part) => {
    const equals = part.indexOf('=');
    const ours = equals >= 0 && part.slice(0, equals).trim() === name;
    return !(ours && sessionTokenPattern.test(part.slice(equals + 1).trim()));
  });
  const text = kept.join(';').trim();
  return text === '' ? null : text;
}

/** `secure` when the request itself came by https, else the browser would never send it back. */
export function sessionCookie(token: string, maxAgeSeconds: number, secure: boolean): string {
  const flags = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict`;
  return `${name}=${token}; ${flags}${secure ? '; Secure' : ''}`;
}

export function clearedCookie(secure: boolean): string {
  return sessionCookie('', 0, secure);
}
