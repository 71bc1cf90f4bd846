import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { quote } from '../../../core/names/names.ts';
import { isLoopbackHost } from '../auth/peer.ts';

const hostForm = /^([A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * The domain that a Host header asks for: lower case, no port, no final dot. The names by which a machine calls
 * itself all mean `localhost`.
 * @throws PloinkyError INVALID_REQUEST
 */
export function domainOf(host: string | undefined): string {
  const name = hostForm.exec(host ?? '')?.[1];
  if (name === undefined) throw new PloinkyError('INVALID_REQUEST', 'The Host header names no host.');
  const domain = name.toLowerCase().replace(/\.$/, '');
  return isLoopbackHost(domain) ? 'localhost' : domain;
}

/**
 * The decoded segments of an address without its query. Empty ones are passed over.
 * @throws PloinkyError INVALID_REQUEST, INVALID_NAME for what could mean another place than it says
 */
export function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (const raw of path.split('/')) {
    if (raw === '') continue;
    const segment = raw.includes('%') ? decode(raw) : raw;
    if (segment === '.' || segment === '..' || /[\u0000-\u001f\u007f/\\]/.test(segment)) {
      throw new PloinkyError('INVALID_NAME', `The address holds the segment ${quote(raw)}, which is not allowed.`);
    }
    segments.push(segment);
  }
  return segments;
}

function decode(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    throw new PloinkyError('INVALID_REQUEST', 'The address holds a malformed percent sequence.');
  }
}

/** Deployment paths have at most this many segments (core/names). */
const deepest = 8;

/**
 * What is deployed at the longest prefix of whole segments, and the segments after it.
 * `at` finds by id, `<domain><path>`.
 */
export function longestPrefix<T>(
  domain: string,
  segments: readonly string[],
  at: (id: string) => T | undefined,
): { readonly found: T; readonly rest: readonly string[] } | undefined {
  const ids: string[] = [`${domain}/`];
  let id = domain;
  for (let i = 0; i < segments.length && i < deepest; i += 1) {
    id += `/${segments[i]}`;
    ids.push(id);
  }
  for (let taken = ids.length - 1; taken >= 0; taken -= 1) {
    const found = at(ids[taken] as string);
    if (found !== undefined) return { found, rest: segments.slice(taken) };
  }
  return undefined;
}
