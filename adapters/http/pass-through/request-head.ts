import type { AskedRequest } from '../plain/plain-request.ts';
import { forwardedLines } from './forwarded.ts';
import { headerName, listedNames } from './header-kinds.ts';

/** What the request becomes for the service. */
export interface RequestForm {
  /** Path and query as they shall arrive, beginning with a slash. */
  readonly path: string;
  /** For X-Forwarded-Prefix; empty for none. */
  readonly prefix: string;
  /** Takes Ploinky's own credentials out of a header that may hold them; null takes the header away. */
  readonly withhold: ((name: string, value: string) => string | null) | null;
  /**
   * For a hop inside this server, where nobody stands between: what proxies said before goes on as it came, and this line
   * is added in place of what a proxy says. No client can send it, since one of that name is taken out.
   */
  readonly inside?: { readonly name: string; readonly value: string };
}

/** How the body of a request ends: `none` without one. */
export type BodyForm = 'none' | 'length' | 'chunked';

export function bodyOf({ headers }: Pick<AskedRequest, 'headers'>): BodyForm {
  if (headers['transfer-encoding'] !== undefined) return 'chunked';
  const length = headers['content-length'];
  return length === undefined || length === '0' ? 'none' : 'length';
}

/** Everything up to the empty line, as latin1: bytes go on as they came. `upgrade`: the protocol that is asked for. */
export function requestHead(request: AskedRequest, form: RequestForm, upgrade: string | null): string {
  const { rawHeaders, headers } = request;
  const listed = headers.connection === undefined ? null : listedNames(headers.connection);
  let text = `${request.method ?? 'GET'} ${form.path} HTTP/1.1\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const written = rawHeaders[i] as string;
    const { name, kind } = headerName(written);
    if (kind === 'hop' || kind === 'connection' || kind === 'te') continue;
    if (form.inside === undefined ? kind === 'forwarded' : name === form.inside.name) continue;
    let value = rawHeaders[i + 1] as string;
    // The length says where the request ends and the host whom it is for: no client may have them taken away.
    if (listed !== null && kind !== 'length' && name !== 'host' && listed.includes(name)) continue;
    // Only for HTTP/1.1, and nothing waits for it where nothing follows.
    if (kind === 'expect' && (request.httpVersionMinor === 0 || bodyOf(request) === 'none')) continue;
    if (kind === 'proof' && form.withhold !== null) {
      const kept = form.withhold(name, value);
      if (kept === null) continue;
      value = kept;
    }
    text += `${written}: ${value}\r\n`;
  }
  text += form.inside ? `${form.inside.name}: ${form.inside.value}\r\n` : forwardedLines(request, form.prefix);
  if (upgrade !== null) return `${text}Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`;
  if (headers['transfer-encoding'] !== undefined) text += 'Transfer-Encoding: chunked\r\n';
  const trailers = headers.te !== undefined && /(?:^|[, \t])trailers(?:$|[; \t,])/i.test(String(headers.te));
  return trailers ? `${text}TE: trailers\r\nConnection: TE\r\n\r\n` : `${text}\r\n`;
}
