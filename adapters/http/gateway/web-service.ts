import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Manifest } from '../../../core/manifest/manifest.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import { takesNoTasks } from '../../agents/agent-address.ts';
import { type Passed, type PassTarget, passThrough } from '../pass-through/pass-through.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';
import { wantsHtml } from './not-found-page.ts';
import { targetAfter } from './route-path.ts';
import type { Services } from './services.ts';
import { withheldProofs } from './withheld-proofs.ts';

/** A deployment that requests are passed on to. */
export interface WebTarget {
  readonly deployment: Deployment;
  readonly web: NonNullable<Manifest['web']>;
  /** How many segments of the address are the deployment's path. */
  readonly taken: number;
}

/** How a deployment takes requests, where it takes them itself. */
export function webAt({ cloud }: Pick<GatewaySurroundings, 'cloud'>, { id, routed }: Deployment): Manifest['web'] {
  if (routed === null) return null;
  return cloud.views().releases.get(`${id}#${routed}`)?.source?.manifest.web ?? null;
}

/** By p-cli, which means a task where it calls: a service would take it for an ordinary request. */
export const callHeader = 'x-ploinky-call';

/**
 * null when the answer was another address: links of a page that are relative to `/app` would lead beside the service.
 * @throws PloinkyError AGENT_UNREACHABLE, TAKES_NO_TASKS, SERVICE_*
 */
export async function answerWeb(
  services: Services,
  target: WebTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Passed | null> {
  const { deployment, web } = target;
  const { url = '/', headers, method } = request;
  if (headers[callHeader] !== undefined) throw takesNoTasks(deployment.id);
  if (web.prefix === 'strip' && deployment.path !== '/' && method === 'GET' && wantsHtml(headers)) {
    const question = url.indexOf('?');
    const bare = question < 0 ? url : url.slice(0, question);
    if (!bare.endsWith('/') && targetAfter(bare, target.taken) === '/') {
      const location = `${deployment.path}/${question < 0 ? '' : url.slice(question)}`;
      response.writeHead(302, { location, 'content-length': 0 }).end();
      return null;
    }
  }
  return passThrough(request, response, passTarget(services, target, url));
}

export function passTarget(services: Services, { deployment, web, taken }: WebTarget, url: string): PassTarget {
  const strips = web.prefix === 'strip' && deployment.path !== '/';
  return {
    upstream: services.pick(deployment.id),
    path: strips ? targetAfter(url, taken) : url,
    prefix: strips ? deployment.path : '',
    withhold: withheldProofs,
  };
}
