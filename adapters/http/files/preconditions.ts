import type { IncomingHttpHeaders } from 'node:http';
import fresh from 'fresh';

/** What a file is known by. */
export interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string;
  /** Whole seconds, as in a header. */
  readonly lastModified: string;
}

/** In the order of RFC 9110, 13.2.2. `notModified` and `failed` stand for 304 and 412. */
export function precondition(headers: IncomingHttpHeaders, file: Validators): 'met' | 'notModified' | 'failed' {
  const match = headers['if-match'];
  const unmodifiedSince = Date.parse(headers['if-unmodified-since'] ?? '');
  if (match !== undefined) {
    if (match.trim() !== '*' && !match.split(',').some((tag) => tag.trim() === file.etag)) return 'failed';
  } else if (Date.parse(file.lastModified) > unmodifiedSince) return 'failed';
  // Without Cache-Control: it speaks to caches, and to `fresh` a `no-cache` would say that nothing is ever unchanged.
  const asked = { 'if-none-match': headers['if-none-match'], 'if-modified-since': headers['if-modified-since'] };
  return fresh(asked, { etag: file.etag, 'last-modified': file.lastModified }) ? 'notModified' : 'met';
}

/** Whether a range may be taken from this file: without If-Range, or when it is still the one that was meant. */
export function rangeApplies(headers: IncomingHttpHeaders, file: Validators): boolean {
  const condition = headers['if-range'];
  if (typeof condition !== 'string') return true;
  // A weak tag never matches: the bytes may be others.
  if (/^(?:W\/)?"/.test(condition)) return condition === file.etag;
  return Date.parse(condition) === Date.parse(file.lastModified);
}
