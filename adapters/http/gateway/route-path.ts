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

/** The decoded segments of an address, as far as they can be understood. */
export interface Segments {
  readonly segments: string[];
  /** Why it ends there: no agent and no file can be meant by the whole of it. A web service may know better. */
  readonly problem: PloinkyError | null;
}

/**
 * The decoded segments of an address without its query. Empty ones are passed over.
 * @throws PloinkyError INVALID_NAME for `.` and `..`, which mean another place than they say
 */
export function readSegments(path: string): Segments {
  const segments: string[] = [];
  let problem: PloinkyError | null = null;
  for (const raw of path.split('/')) {
    if (raw === '') continue;
    const segment = raw.includes('%') ? decode(raw) : raw;
    if (segment === '.' || segment === '..') throw notAllowed(raw);
    if (problem !== null) continue;
    if (segment === null) {
      problem = new PloinkyError('INVALID_REQUEST', 'The address holds a malformed percent sequence.');
    } else if (/[\u0000-\u001f\u007f/\\]/.test(segment)) {
      problem = notAllowed(raw);
    } else {
      segments.push(segment);
    }
  }
  return { segments, problem };
}

/**
 * All segments of an address without its query.
 * @throws PloinkyError INVALID_REQUEST, INVALID_NAME for what could mean another place than it says
 */
export function segmentsOf(path: string): string[] {
  const { segments, problem } = readSegments(path);
  if (problem) throw problem;
  return segments;
}

function notAllowed(raw: string): PloinkyError {
  return new PloinkyError('INVALID_NAME', `The address holds the segment ${quote(raw)}, which is not allowed.`);
}

/**
 * What follows the first `taken` segments of a target (path and query), byte for byte; at least `/`.
 */
export function targetAfter(target: string, taken: number): string {
  let at = 0;
  for (let i = 0; i < taken; i += 1) {
    while (target[at] === '/') at += 1;
    while (at < target.length && target[at] !== '/' && target[at] !== '?') at += 1;
  }
  const rest = at === 0 ? target : target.slice(at);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** null for what is no encoding. */
function decode(raw: string): string | null {
  try {
    return decodeURIComponent(raw);
  } catch {
    return null;
  }
}

/** Deployment paths have at most this many segments (core/names). */
const deepest = 8;

/** Ids, `<domain><path>`, of the deployments that the segments could lead to; the shortest path first. */
export function prefixIds(domain: string, segments: readonly string[]): readonly string[] {
  const ids: string[] = [`${domain}/`];
  let id = domain;
  for (let i = 0; i < segments.length && i < deepest; i += 1) {
    id += `/${segments[i]}`;
    ids.push(id);
  }
  return ids;
}

/** What is deployed at the longest prefix of whole segments, and the segments after it. `at` finds by id. */
export function longestPrefix<T>(
  ids: readonly string[],
  segments: readonly string[],
  at: (id: string) => T | undefined,
): { readonly found: T; readonly rest: readonly string[] } | undefined {
  for (let taken = ids.length - 1; taken >= 0; taken -= 1) {
    const found = at(ids[taken] as string);
    if (found !== undefined) return { found, rest: segments.slice(taken) };
  }
  return undefined;
}
