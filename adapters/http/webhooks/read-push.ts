import { createHash } from 'node:crypto';
import { parseJson } from '../json-text.ts';

/** What a host says happened. Nothing is done because of it but to ask the remote. */
export type Told =
  | { readonly kind: 'ping' }
  | { readonly kind: 'push'; readonly branch: string | null; readonly commit: string | null; readonly delivery: string }
  /** A tag, an issue, a deleted branch, … */
  | { readonly kind: 'other' };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** @throws PloinkyError INVALID_JSON */
export function readGitHub(body: Uint8Array, headers: Headers): Told {
  const event = text(headers['x-github-event']);
  if (event === 'ping') return { kind: 'ping' };
  if (event !== 'push') return { kind: 'other' };
  return pushOf(payloadOf(body, headers), body, text(headers['x-github-delivery']));
}

/** @throws PloinkyError INVALID_JSON */
export function readGitLab(body: Uint8Array, headers: Headers): Told {
  if (text(headers['x-gitlab-event']) !== 'Push Hook') return { kind: 'other' };
  // Newer versions send a key that a repeated message has too; the UUID is the same for all that one event leads to.
  const delivery = text(headers['idempotency-key']) ?? text(headers['x-gitlab-event-uuid']);
  return pushOf(payloadOf(body, headers), body, delivery);
}

function pushOf(payload: unknown, body: Uint8Array, delivery: string | undefined): Told {
  const { ref, after, deleted } = (payload ?? {}) as { ref?: unknown; after?: unknown; deleted?: unknown };
  const branch = typeof ref === 'string' && ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null;
  const commit = typeof after === 'string' && /^[0-9a-f]{40}$/.test(after) ? after : null;
  const gone = deleted === true || /^0+$/.test(commit ?? '');
  if (gone || (typeof ref === 'string' && branch === null)) return { kind: 'other' };
  const id = delivery ?? `sha256:${createHash('sha256').update(body).digest('hex').slice(0, 32)}`;
  return { kind: 'push', branch: branch?.slice(0, 200) ?? null, commit, delivery: id };
}

/** GitHub sends JSON, or JSON in a field of a form. */
function payloadOf(body: Uint8Array, headers: Headers): unknown {
  const words = new TextDecoder().decode(body);
  const type = text(headers['content-type']) ?? '';
  // curl -d sends JSON under the type of a form.
  const form = type.startsWith('application/x-www-form-urlencoded') && !/^\s*\{/.test(words);
  return parseJson(form ? (new URLSearchParams(words).get('payload') ?? '') : words);
}

/** As it may stand in the log. */
function text(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && /^[\u0020-\u007e]{1,200}$/.test(value) ? value : undefined;
}
