import type { onRequestHookHandler } from 'fastify';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { identify } from '../auth/identify.ts';
import { foreignOrigin } from '../auth/origin.ts';
import { isFromContainer } from '../auth/private-peer.ts';
import type { Surroundings } from '../surroundings.ts';
import { known } from './known.ts';
import type { MethodTable } from './method-table.ts';
import { isPage } from './page-routes.ts';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);
/** What agents have a use for as well: whether the server is well, the client's file, and the outcome of their calls. */
const forContainers = /^\/(?:health|client)(?:[/?#]|$)/;

/**
 * Lets in whoever proves to be an administrator, before the body is read and before anybody learns whether the
 * address exists. Routes with `config: { open: true }` need no proof; pages and client files look for themselves.
 */
export function guard({ cloud, denied, now }: Surroundings, methods: MethodTable): onRequestHookHandler {
  return (request, _reply, done) => {
    const { method, headers } = request;
    // Where nobody knows what networks there are, an operator still has to get in.
    const networks = cloud.phase() === 'uninitialized' ? [] : (known(() => [...cloud.views().networks.values()]) ?? []);
    if (!forContainers.test(request.url) && isFromContainer(request.raw, networks)) {
      denied.note(method, request.routeOptions.url ?? '/management/*', 'from a container');
      return done(new PloinkyError('FROM_CONTAINER', 'No container reaches the management interface.'));
    }
    if (request.routeOptions.config?.open === true) return done();
    if (request.is404 && (isPage(request) || methods.isOpen(request.url))) return done();
    const proof = identify(headers, cloud.views(), now());
    if (!proof) {
      // Without a route this is an address that does not exist, which may hold anything.
      denied.note(method, request.routeOptions.url ?? '/management/*', 'no valid key or session');
      return done(new PloinkyError('UNAUTHORIZED', 'This needs a login or an API key.'));
    }
    if (proof.via === 'cookie' && !safe.has(method) && foreignOrigin(headers)) {
      denied.note(method, request.routeOptions.url ?? '/management/*', 'foreign origin');
      return done(new PloinkyError('FORBIDDEN', 'A page of another origin may not do this with your login.'));
    }
    request.proof = proof;
    done();
  };
}
