import { trimmed } from '../trimmed.ts';

/**
 * What a proxy does with a header. `hop`: it is for the next connection only. `forwarded`: says who stands before us, so
 * only a trusted peer's is believed. `proof`: may hold a credential of Ploinky's own.
 */
export type HeaderKind = 'pass' | 'hop' | 'connection' | 'length' | 'expect' | 'te' | 'trailer' | 'forwarded' | 'proof';

export interface HeaderName {
  /** In lower case. */
  readonly name: string;
  readonly kind: HeaderKind;
}

const kinds: ReadonlyMap<string, HeaderKind> = new Map<string, HeaderKind>([
  ['connection', 'connection'],
  ['keep-alive', 'hop'],
  ['proxy-connection', 'hop'],
  ['proxy-authenticate', 'hop'],
  ['proxy-authentication-info', 'hop'],
  ['transfer-encoding', 'hop'],
  ['upgrade', 'hop'],
  ['http2-settings', 'hop'],
  // A program that is run with headers as variables would take it for HTTP_PROXY.
  ['proxy', 'hop'],
  ['te', 'te'],
  ['trailer', 'trailer'],
  ['content-length', 'length'],
  ['expect', 'expect'],
  ['forwarded', 'forwarded'],
  ['via', 'forwarded'],
  ['x-forwarded-for', 'forwarded'],
  ['x-forwarded-host', 'forwarded'],
  ['x-forwarded-port', 'forwarded'],
  ['x-forwarded-prefix', 'forwarded'],
  ['x-forwarded-proto', 'forwarded'],
  ['x-forwarded-server', 'forwarded'],
  ['x-real-ip', 'forwarded'],
  ['authorization', 'proof'],
  ['cookie', 'proof'],
  ['proxy-authorization', 'proof'],
  ['x-api-key', 'proof'],
  ['x-init-token', 'proof'],
]);

const known = new Map<string, HeaderName>();
/** Names come from outside: what is remembered of them is bounded. */
const mostKnown = 1_000;
const longestKnown = 60;

/** By the name as it was written. Most requests repeat a few dozen names, so that each is looked at once. */
export function headerName(written: string): HeaderName {
  const before = known.get(written);
  if (before !== undefined) return before;
  const name = written.toLowerCase();
  const found: HeaderName = { name, kind: kindOf(name) };
  if (known.size < mostKnown && written.length <= longestKnown) known.set(written, found);
  return found;
}

function kindOf(name: string): HeaderKind {
  const kind = kinds.get(name);
  if (kind !== undefined) return kind;
  // WSGI and CGI programs cannot tell X_Forwarded_For from X-Forwarded-For: such a twin is taken out.
  return name.includes('_') && kinds.has(name.replaceAll('_', '-')) ? 'hop' : 'pass';
}

/** Headers that a Connection header lists: they end here too (RFC 9110, 7.6.1). null when it lists none. */
export function listedNames(connection: string): readonly string[] | null {
  if (connection === 'keep-alive' || connection === 'close') return null;
  const names = connection
    .toLowerCase()
    .split(',')
    .map((name) => trimmed(name))
    .filter((name) => name !== '' && name !== 'close' && name !== 'keep-alive');
  return names.length === 0 ? null : names;
}
