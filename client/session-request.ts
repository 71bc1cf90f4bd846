export interface RequestOptions extends RequestInit {
  /** ms, for this request. */
  readonly timeout?: number;
}

/** With one server. Browsers keep the token in a cookie that scripts cannot read. */
export interface Session {
  /** Without a slash at its end. */
  readonly serverUrl: string;
  /** ms */
  readonly timeout: number;
  readonly token: string | null;
}

/**
 * `fetch` with the session and a time limit, which holds until the head of the answer is there. `url` is absolute or
 * a path on the server; the token goes to the server alone.
 * @throws Error `Request timeout after <n>ms`
 */
export async function sessionRequest(session: Session, url: string, options: RequestOptions): Promise<Response> {
  const { timeout = session.timeout, signal, headers: given, ...rest } = options;
  const target = url.startsWith('/') ? session.serverUrl + url : url;
  const headers = new Headers(given);
  const own = target === session.serverUrl || target.startsWith(`${session.serverUrl}/`);
  if (own && session.token !== null && !isBrowser()) headers.set('cookie', `authorizationToken=${session.token}`);
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, timeout);
  try {
    return await fetch(target, {
      ...rest,
      headers,
      signal: controller.signal,
      ...(own ? { credentials: 'include' as const } : {}),
    });
  } catch (error) {
    throw late ? new Error(`Request timeout after ${timeout}ms`) : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function isBrowser(): boolean {
  return 'document' in globalThis;
}
