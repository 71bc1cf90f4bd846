import type { IncomingHttpHeaders } from 'node:http';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { apiKeyPattern, isOwnBearer } from '../auth/credentials.ts';
import { carriesCredentials, identify, type Proof } from '../auth/identify.ts';
import { foreignOrigin, foreignSite } from '../auth/origin.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';

/**
 * Who calls an agent; null for nobody in particular, which is enough while enableAuth is false.
 * @throws PloinkyError UNAUTHORIZED, FORBIDDEN
 */
export function callerOf(
  { cloud, denied, now }: Pick<GatewaySurroundings, 'cloud' | 'denied' | 'now'>,
  method: string,
  headers: IncomingHttpHeaders,
  domain: string,
): Proof | null {
  const proof = carriesCredentials(headers) ? identify(headers, cloud.views(), now()) : null;
  const { enableAuth } = cloud.settings();
  // A GET calls too, so unlike for management no method is harmless here.
  if (proof?.via === 'cookie' && foreignOrigin(headers)) {
    if (enableAuth) throw new PloinkyError('FORBIDDEN', 'A page of another origin may not call with your login.');
    return open(headers, domain);
  }
  if (proof) return proof;
  if (enableAuth) {
    denied.note(method, '/{agent}', 'no valid key or session');
    throw new PloinkyError('UNAUTHORIZED', 'This cloud wants a login or API key for agent calls.');
  }
  return open(headers, domain);
}

/**
 * Who looks at files. Following a link from a page of another site is no call: nothing happens by it, and that page does
 * not get to see what comes.
 * @throws PloinkyError UNAUTHORIZED, FORBIDDEN
 */
export function visitorOf(
  surroundings: Pick<GatewaySurroundings, 'cloud' | 'denied' | 'now'>,
  method: string,
  headers: IncomingHttpHeaders,
  domain: string,
): Proof | null {
  if (headers['sec-fetch-mode'] !== 'navigate') return callerOf(surroundings, method, headers, domain);
  const { 'sec-fetch-site': _, origin: __, ...own } = headers;
  return callerOf(surroundings, method, own, domain);
}

/**
 * Who asks a web service. The same headers may hold proofs for the service itself, which are none of ours and do not
 * stand in the way of a login that comes beside them.
 * @throws PloinkyError UNAUTHORIZED, FORBIDDEN
 */
export function guestOf(
  surroundings: Pick<GatewaySurroundings, 'cloud' | 'denied' | 'now'>,
  method: string,
  headers: IncomingHttpHeaders,
  domain: string,
): Proof | null {
  const { authorization, 'x-api-key': key } = headers;
  if (authorization === undefined && key === undefined) return lookingOf(surroundings, method, headers, domain);
  const own = { ...headers };
  if (authorization !== undefined && !isOwnBearer(authorization)) delete own.authorization;
  if (typeof key === 'string' && !apiKeyPattern.test(key)) delete own['x-api-key'];
  return lookingOf(surroundings, method, own, domain);
}

/** Following a link is harmless by the rules of HTTP, as long as the method is one that changes nothing. */
function lookingOf(
  surroundings: Pick<GatewaySurroundings, 'cloud' | 'denied' | 'now'>,
  method: string,
  headers: IncomingHttpHeaders,
  domain: string,
): Proof | null {
  const looks = method === 'GET' || method === 'HEAD';
  return (looks ? visitorOf : callerOf)(surroundings, method, headers, domain);
}

/** An open agent of this machine is open to its programs, not to every page its browser visits. */
function open(headers: IncomingHttpHeaders, domain: string): null {
  if (domain === 'localhost' && foreignSite(headers)) {
    throw new PloinkyError('FORBIDDEN', 'A page of another site may not call the agents of this machine.');
  }
  return null;
}
