import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Manifest } from '../../../core/manifest/manifest.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import type { Release } from '../../../projections/releases.ts';
import { takesNoTasks } from '../../agents/agent-address.ts';
import type { Proof } from '../auth/identify.ts';
import { errorReply } from '../error-reply.ts';
import { passThrough } from '../pass-through/pass-through.ts';
import type { Passed, PassTarget } from '../pass-through/passed.ts';
import type { PlainRequest } from '../plain/plain-request.ts';
import type { PlainResponse } from '../plain/plain-response.ts';
import { account } from './account.ts';
import { meansTask } from './call-header.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';
import { wantsHtml } from './not-found-page.ts';
import { targetAfter } from './route-path.ts';
import type { Services } from './services.ts';
import { servingRelease } from './serving-release.ts';
import { withheldProofs } from './withheld-proofs.ts';

/** A deployment that requests are passed on to. */
export interface WebTarget {
  readonly deployment: Deployment;
  readonly web: NonNullable<Manifest['web']>;
  readonly release: Release;
  /** Who asks, where that is known. */
  readonly caller: Proof | null;
  /** How many segments of the address are the deployment's path. */
  readonly taken: number;
}

/** What serves at a deployment, where that takes requests itself. */
export function webAt(
  surroundings: Pick<GatewaySurroundings, 'cloud'>,
  deployment: Deployment,
): Pick<WebTarget, 'web' | 'release'> | null {
  const release = servingRelease(surroundings, deployment);
  const web = release?.source?.manifest.web ?? null;
  return release && web ? { release, web } : null;
}

/**
 * Passes a request on and counts it.
 * @throws PloinkyError AGENT_UNREACHABLE, TAKES_NO_TASKS, SERVICE_*
 */
export async function answerWeb(
  surroundings: GatewaySurroundings,
  services: Services,
  target: WebTarget,
  request: IncomingMessage | PlainRequest,
  response: ServerResponse | PlainResponse,
): Promise<void> {
  const began = performance.now();
  try {
    const passed = await pass(services, target, request, response);
    if (passed) account(surroundings, target, request, passed, performance.now() - began);
  } catch (error) {
    const { status } = errorReply(error);
    const passed: Passed = { status, requestBytes: 0, responseBytes: 0, outcome: 'whole' };
    account(surroundings, target, request, passed, performance.now() - began);
    throw error;
  }
}

/** null when the answer was another address: links of a page that are relative to `/app` would lead beside the service. */
async function pass(
  services: Services,
  target: WebTarget,
  request: IncomingMessage | PlainRequest,
  response: ServerResponse | PlainResponse,
): Promise<Passed | null> {
  const { deployment, web } = target;
  const { url = '/', headers, method } = request;
  if (meansTask(headers)) throw takesNoTasks(deployment.id);
  if (web.prefix === 'strip' && deployment.path !== '/' && method === 'GET' && wantsHtml(headers)) {
    const question = url.indexOf('?');
    const bare = question < 0 ? url : url.slice(0, question);
    if (!bare.endsWith('/') && targetAfter(bare, target.taken) === '/') {
      const location = `${deployment.path}/${question < 0 ? '' : url.slice(question)}`;
      response.writeHead(302, 'Found', ['location', location, 'content-length', '0']);
      response.end();
      return null;
    }
  }
  return passThrough(request, response, passTarget(services, target, url));
}

export function passTarget(services: Services, { deployment, web, taken }: WebTarget, url: string): PassTarget {
  const strips = web.prefix === 'strip' && deployment.path !== '/';
  return {
    upstream: services.pick(deployment.id),
    instead: (refusing) => services.instead(deployment.id, refusing),
    path: strips ? targetAfter(url, taken) : url,
    prefix: strips ? deployment.path : '',
    withhold: withheldProofs,
  };
}
