import type { IncomingHttpHeaders } from 'node:http';
import { trimmed } from '../trimmed.ts';

/** The head of a request that two readers cannot understand differently. Shared by requests with the same bytes: never changed. */
export interface PlainHead {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** By name in lower case, each of which came once. */
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value, …, as they came. */
  readonly rawHeaders: readonly string[];
  /** Whether the client would send another one on this connection. */
  readonly keepAlive: boolean;
  /** Bytes of the head with the empty line after it. */
  readonly size: number;
  /** Bytes of the body behind it; 0 for none. */
  readonly length: number;
}

/** What is longer is not read here: the general way says whether it is too long. */
const longest = 8_192;
/** Of the general way's hundred, for which a list is looked through once more by each that follows. */
const mostHeaders = 50;

/** In origin form, without a fragment. What else a client may send is for the general way. */
const requestLine = /^(GET|POST|PUT|PATCH|DELETE) (\/[!"$-~]*) HTTP\/1\.1$/;
/** A letter first, so that no name means something to JavaScript. */
const nameForm = /^[A-Za-z][A-Za-z0-9-]*$/;
/** Control characters, a lone CR or LF, and what is no ASCII. */
const unprintable = /[^\t -~]/;
const hostForm = /^[A-Za-z0-9_.\-[\]:]{1,300}$/;
const lengthForm = /^(?:0|[1-9]\d{0,8})$/;
const bodied: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** They change how the request is read, or what becomes of its connection. */
const notPlain: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'keep-alive',
  'set-cookie',
  'proxy-connection',
  'http2-settings',
]);

/**
 * Reads the head of a request that is plain in every way; null for any other, be it wrong, unusual or not whole. So this decides
 * nothing about what is allowed: whatever it does not know goes to Node's parser and `strictProblem`.
 */
export function readPlainHead(bytes: Buffer): PlainHead | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0 || end > longest) return null;
  const lines = bytes.toString('latin1', 0, end).split('\r\n');
  const first = requestLine.exec(lines[0] as string);
  if (first === null || lines.length > mostHeaders + 1) return null;
  const headers: Record<string, string> = {};
  const rawHeaders: string[] = [];
  for (let i = 1; i < lines.length; i += 1) {
    const line = lines[i] as string;
    const colon = line.indexOf(':');
    // A folded line and a space before the colon fail as names.
    if (colon <= 0 || unprintable.test(line)) return null;
    const written = line.slice(0, colon);
    if (!nameForm.test(written)) return null;
    const name = written.toLowerCase();
    if (notPlain.has(name) || Object.hasOwn(headers, name)) return null;
    const value = trimmed(line, colon + 1);
    headers[name] = value;
    rawHeaders.push(written, value);
  }
  const method = first[1] as string;
  const { host, connection, 'content-length': length } = headers;
  if (host === undefined || !hostForm.test(host)) return null;
  const option = connection?.toLowerCase() ?? 'keep-alive';
  if (option !== 'keep-alive' && option !== 'close') return null;
  if (length !== undefined && (!lengthForm.test(length) || !bodied.has(method))) return null;
  const keepAlive = option === 'keep-alive';
  return {
    method,
    url: first[2] as string,
    headers,
    rawHeaders,
    keepAlive,
    size: end + 4,
    length: Number(length ?? 0),
  };
}
