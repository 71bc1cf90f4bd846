import type { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { domainOf, prefixIds, readSegments } from './route-path.ts';

/** What a Host header and an address mean, whatever is deployed. */
export interface Asked {
  readonly domain: string;
  readonly segments: readonly string[];
  readonly problem: PloinkyError | null;
  /** Of the deployments that could be meant, the shortest path first. */
  readonly ids: readonly string[];
}

/** Many are asked for again and again; these few are not read anew each time. */
const most = 1_000;
const longest = 200;
const known = new Map<string, Map<string, Asked>>();
let count = 0;

/**
 * @param path without query
 * @throws PloinkyError INVALID_REQUEST, INVALID_NAME
 */
export function asked(host: string | undefined, path: string): Asked {
  return known.get(host ?? '')?.get(path) ?? read(host, path);
}

function read(host: string | undefined, path: string): Asked {
  const domain = domainOf(host);
  const { segments, problem } = readSegments(path);
  const fresh: Asked = { domain, segments, problem, ids: prefixIds(domain, segments) };
  if (host !== undefined && problem === null && path.length <= longest) remember(host, path, fresh);
  return fresh;
}

function remember(host: string, path: string, fresh: Asked): void {
  if (count >= most) {
    known.clear();
    count = 0;
  }
  count += 1;
  const paths = known.get(host);
  if (paths) paths.set(path, fresh);
  else known.set(host, new Map([[path, fresh]]));
}
