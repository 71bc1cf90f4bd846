import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import type { Proof } from '../auth/identify.ts';
import type { AskedRequest } from '../plain/plain-request.ts';
import { asked } from './asked.ts';
import { callerOf, guestOf, visitorOf } from './call-guard.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';
import { longestPrefix } from './route-path.ts';
import { type SiteTarget, siteAt } from './static-site.ts';
import { type WebTarget, webAt } from './web-service.ts';

/** Where a request leads, decided before its body is read. */
export type Destination =
  | { readonly kind: 'call'; readonly target: CallTarget }
  | { readonly kind: 'site'; readonly target: SiteTarget }
  | { readonly kind: 'web'; readonly target: WebTarget }
  /** Nothing is deployed there; there may be a file. */
  | { readonly kind: 'file'; readonly domain: string; readonly segments: readonly string[] }
  /** The bare `/` where nothing is deployed. */
  | { readonly kind: 'home' };

export interface CallTarget {
  readonly deployment: Deployment;
  /** Segments after the deployment's path. */
  readonly rest: readonly string[];
  /** Without question mark. */
  readonly query: string;
  readonly caller: Proof | null;
}

const home: Destination = { kind: 'home' };

/** @throws PloinkyError whatever keeps a request out */
export function destinationOf(
  surroundings: GatewaySurroundings,
  request: Pick<AskedRequest, 'url' | 'method' | 'headers'>,
): Destination {
  const { cloud } = surroundings;
  const { url = '/', method = 'GET', headers } = request;
  const question = url.indexOf('?');
  const { domain, segments, problem, ids } = asked(headers.host, question < 0 ? url : url.slice(0, question));
  const bare = segments.length === 0 && (method === 'GET' || method === 'HEAD');
  if (bare && cloud.phase() === 'uninitialized') return home;
  const { domains, deployments } = cloud.views();
  const served = domains.get(domain)?.enabled === true;
  const match = served
    ? longestPrefix(ids, segments, (id) => {
        const deployment = deployments.get(id);
        return deployment && deployment.status !== 'removed' ? deployment : undefined;
      })
    : undefined;
  if (match) {
    const web = webAt(surroundings, match.found);
    if (web) {
      const caller = guestOf(surroundings, method, headers, domain);
      const taken = segments.length - match.rest.length;
      return { kind: 'web', target: { deployment: match.found, ...web, taken, caller } };
    }
  }
  if (problem) throw problem;
  if (match) {
    const site = siteAt(surroundings, match.found.id);
    if (site) {
      const caller = visitorOf(surroundings, method, headers, domain);
      const { path } = match.found;
      const whole = question < 0 ? url : url.slice(0, question);
      const base = path === '/' ? '' : path;
      const query = url.slice(whole.length);
      const address = { segments: match.rest, trailingSlash: whole.endsWith('/'), base, query };
      return { kind: 'site', target: { ...site, address, caller } };
    }
    const caller = callerOf(surroundings, method, headers, domain);
    const query = question < 0 ? '' : url.slice(question + 1);
    return { kind: 'call', target: { deployment: match.found, rest: match.rest, query, caller } };
  }
  if (bare) return home;
  if (!served) throw notServed(domain, domains.has(domain));
  return { kind: 'file', domain, segments };
}

function notServed(domain: string, known: boolean): PloinkyError {
  if (!known) return new PloinkyError('DOMAIN_NOT_FOUND', `The domain ${domain} is not served here.`);
  return new PloinkyError('DOMAIN_NOT_FOUND', `The domain ${domain} is disabled.`, {
    hint: `Serve it again with \`p-cli cloud host enable ${domain}\`.`,
  });
}
