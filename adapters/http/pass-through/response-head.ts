import { trimmed } from '../trimmed.ts';
import { headerName, listedNames } from './header-kinds.ts';

/** How the end of a body is known: bytes, chunks, or the end of the connection (RFC 9112, 6.3). */
export type Framing = number | 'chunked' | 'untilClose';

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** Name, value, name, value, …, as they came, without those that are for one connection only. */
  readonly headers: string[];
  readonly framing: Framing;
  /** The service takes another request on this connection. */
  readonly keepAlive: boolean;
  /** For how many seconds it does, where it says so. */
  readonly keepAliveSeconds: number | null;
}

/** The service answered something that is no valid HTTP; the message says what. */
export class MalformedAnswer extends Error {}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
/** Control characters, and line ends that are not CR LF: other readers could see other lines in them. */
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Strict, because what two readers understand differently can be made into an answer to somebody else's question.
 * @param text the bytes before the empty line, as latin1
 * @param bodiless the request was HEAD
 * @throws MalformedAnswer
 */
export function parseResponseHead(text: string, bodiless: boolean): ResponseHead {
  if (forbidden.test(text)) throw new MalformedAnswer('a control character or a bare line end in its headers');
  const first = text.indexOf('\r\n');
  const line = statusLine.exec(first < 0 ? text : text.slice(0, first));
  if (!line) throw new MalformedAnswer('its first line is no status line');
  const minor = line[1];
  const status = Number(line[2]);
  let headers: string[] = [];
  let length: number | null = null;
  let chunked = false;
  let connection: string | null = null;
  let keepAliveSeconds: number | null = null;
  let at = first < 0 ? text.length : first + 2;
  while (at < text.length) {
    const end = text.indexOf('\r\n', at);
    const field = end < 0 ? text.slice(at) : text.slice(at, end);
    at = end < 0 ? text.length : end + 2;
    const colon = field.indexOf(':');
    const written = field.slice(0, Math.max(0, colon));
    if (colon <= 0 || !token.test(written)) throw new MalformedAnswer('a header without a proper name');
    const value = trimmed(field, colon + 1);
    const { name, kind } = headerName(written);
    if (kind === 'length') {
      const given = lengthOf(value);
      if (length !== null && length !== given) throw new MalformedAnswer('two lengths that differ');
      if (length === null) headers.push(written, value);
      length = given;
    } else if (name === 'transfer-encoding') {
      if (chunked || value.toLowerCase() !== 'chunked') {
        throw new MalformedAnswer('a transfer encoding other than chunked');
      }
      chunked = true;
    } else if (kind === 'connection') {
      connection = connection === null ? value : `${connection},${value}`;
    } else if (name === 'keep-alive') {
      const seconds = /(?:^|[ ,])timeout=(\d{1,6})/i.exec(value)?.[1];
      if (seconds !== undefined) keepAliveSeconds = Number(seconds);
    } else if (kind !== 'hop') {
      headers.push(written, value);
    }
  }
  if (chunked && (length !== null || minor === '0')) {
    throw new MalformedAnswer('a length beside chunks, or chunks in HTTP/1.0');
  }
  const options = connection?.toLowerCase() ?? '';
  const listed = connection === null ? null : listedNames(connection);
  if (listed) headers = without(headers, listed);
  const none = bodiless || status < 200 || status === 204 || status === 304;
  const framing = none ? 0 : chunked ? 'chunked' : (length ?? 'untilClose');
  const persistent = minor === '1' ? !hasOption(options, 'close') : hasOption(options, 'keep-alive');
  return {
    status,
    reason: line[3] ?? '',
    headers,
    framing,
    keepAlive: persistent && framing !== 'untilClose',
    keepAliveSeconds,
  };
}

/**
 * Lines after the last chunk. Those that would change what was said before are left out.
 * @throws MalformedAnswer
 */
export function parseTrailers(text: string): [string, string][] {
  if (forbidden.test(text)) throw new MalformedAnswer('a control character in its trailers');
  const trailers: [string, string][] = [];
  for (const field of text.split('\r\n')) {
    if (field === '') continue;
    const colon = field.indexOf(':');
    const written = field.slice(0, Math.max(0, colon));
    if (colon <= 0 || !token.test(written)) throw new MalformedAnswer('a trailer without a proper name');
    if (mayTrail(written)) trailers.push([written, trimmed(field, colon + 1)]);
  }
  return trailers;
}

const neverTrailing: ReadonlySet<string> = new Set(['host', 'set-cookie', 'content-encoding', 'content-type', 'age']);

/** Framing, routing and proofs are decided on before the body, so none of them may follow it (RFC 9110, 6.5.1). */
export function mayTrail(written: string): boolean {
  const { name, kind } = headerName(written);
  return kind === 'pass' && !neverTrailing.has(name);
}

function lengthOf(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new MalformedAnswer('a length that is no number');
  return Number(value);
}

function hasOption(connection: string, option: string): boolean {
  return connection === option || connection.split(',').some((one) => trimmed(one) === option);
}

function without(headers: readonly string[], names: readonly string[]): string[] {
  const gone = new Set(names);
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const written = headers[i] as string;
    // A length that a connection lists must not vanish, or the body would end elsewhere.
    const { name, kind } = headerName(written);
    if (kind === 'length' || !gone.has(name)) kept.push(written, headers[i + 1] as string);
  }
  return kept;
}

/** Node refuses to announce trailers where none can follow. */
export function withoutTrailer(headers: string[]): string[] {
  for (let i = 0; i < headers.length; i += 2) {
    if (headerName(headers[i] as string).kind === 'trailer') {
      return headers.filter((_, at) => headerName(headers[at - (at % 2)] as string).kind !== 'trailer');
    }
  }
  return headers;
}
