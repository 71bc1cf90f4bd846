import { textOf } from '../connection/body.ts';
import { sendRequest } from '../connection/http.ts';
import { isRecord } from '../connection/json-file.ts';

/** What GET /health says without a login. */
export interface Health {
  readonly status: string;
  /** uninitialized, starting, ready or stopping; absent on older servers. */
  readonly phase: string | null;
  readonly version: string | null;
  /** The log is a copy of another one; absent on older servers. */
  readonly fork: boolean;
}

export type Probe =
  | { readonly kind: 'ploinky'; readonly health: Health }
  | { readonly kind: 'stranger' }
  | { readonly kind: 'silent' };

/** Asks an address whether a Ploinky lives there. Never throws but when the signal aborts. */
export async function probe(serverUrl: string, timeoutMs: number, signal?: AbortSignal): Promise<Probe> {
  let text: string;
  try {
    const url = new URL(`${serverUrl}/health`);
    const answer = await sendRequest({ method: 'GET', url, timeoutMs, ...(signal ? { signal } : {}) });
    text = await textOf(answer);
  } catch (error) {
    if (signal?.aborted) throw error;
    return { kind: 'silent' };
  }
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body) && typeof body.status === 'string' && typeof body.phase === 'string') {
      const version = typeof body.version === 'string' ? body.version : null;
      return { kind: 'ploinky', health: { status: body.status, phase: body.phase, version, fork: body.fork === true } };
    }
  } catch {
    // no JSON: a stranger
  }
  return { kind: 'stranger' };
}
