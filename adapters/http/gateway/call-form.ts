import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { parseName } from '../../../core/names/names.ts';
import { parseJson } from '../json-text.ts';

/** One call as an agent understands it. */
export interface CallForm {
  readonly command: string;
  readonly params: readonly unknown[];
}

interface Content {
  readonly command: string | null;
  readonly params: readonly unknown[];
}

const nothing: Content = { command: null, params: [] };

/**
 * Every documented way to call: the command is the last segment of the address, `index` without one, and a JSON
 * body may name another; params are the field `params`, else the body's values in order, else the whole text; then
 * the values of the query.
 * @throws PloinkyError INVALID_JSON, INVALID_NAME, PAYLOAD_INVALID, UNSUPPORTED_MEDIA_TYPE
 */
export function readCall(request: {
  /** Segments after the deployment's path. */
  readonly rest: readonly string[];
  /** Without question mark. */
  readonly query: string;
  readonly contentType: string | undefined;
  /** null when there was none. */
  readonly body: string | null;
}): CallForm {
  const { rest, query, contentType, body } = request;
  const content = body === null || body === '' ? nothing : readBody(body, contentType);
  const command = parseName(content.command ?? rest.at(-1) ?? 'index', 'command');
  const params = query === '' ? content.params : [...content.params, ...new URLSearchParams(query).values()];
  return { command, params };
}

function readBody(body: string, contentType: string | undefined): Content {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return fromJson(parseJson(body));
  if (contentType !== undefined && !type.includes('/')) {
    throw new PloinkyError('UNSUPPORTED_MEDIA_TYPE', 'The Content-Type of the body names no media type.');
  }
  if (type.startsWith('multipart/')) {
    throw new PloinkyError('UNSUPPORTED_MEDIA_TYPE', 'Multipart bodies cannot be read here.');
  }
  if (type === 'application/x-www-form-urlencoded') {
    // curl -d sends JSON under this type; a form would have its braces encoded.
    if (/^\s*[[{]/.test(body)) return fromJson(parseJson(body));
    // And it sends a plain text so: without a name and a value it is no form.
    if (!body.includes('=')) return { command: null, params: body === '' ? [] : [decodeForm(body)] };
    return { command: null, params: [...new URLSearchParams(body).values()] };
  }
  if (/^\s*[[{]/.test(body)) {
    const json = jsonOrNothing(body);
    if (json !== undefined) return fromJson(json);
  }
  return { command: null, params: [body] };
}

/** `a+b%21` → `a b!`; what is no encoding stays as it is. */
function decodeForm(text: string): string {
  return new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? text;
}

/** A text that happens to begin with a brace is still a text. */
function jsonOrNothing(body: string): unknown {
  try {
    JSON.parse(body);
  } catch {
    return undefined;
  }
  return parseJson(body);
}

function fromJson(value: unknown): Content {
  if (value === null) return nothing;
  if (Array.isArray(value)) return { command: null, params: value };
  if (typeof value !== 'object') return { command: null, params: [value] };
  const { command = null, params, ...others } = value as Record<string, unknown>;
  if (command !== null && typeof command !== 'string') {
    throw new PloinkyError('PAYLOAD_INVALID', 'The field "command" of the body must be a text.');
  }
  if (params === undefined) return { command, params: Object.values(others) };
  if (params === null) return { command, params: [] };
  return { command, params: Array.isArray(params) ? params : [params] };
}
