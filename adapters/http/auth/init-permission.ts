import type { IncomingMessage } from 'node:http';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { sameHash, secretHash } from './credentials.ts';
import { foreignOrigin } from './origin.ts';
import { isForwarded, isLoopbackAddress, isLoopbackHost, peerOf } from './peer.ts';

/**
 * The first call makes the first key, so it must come from the machine itself, and not from a page in a browser
 * there, or show the content of the file `init-token`.
 * @throws PloinkyError INIT_REFUSED
 */
export function checkInitPermission(request: IncomingMessage, initToken: string | null): void {
  const shown = request.headers['x-init-token'];
  if (typeof shown === 'string') {
    if (initToken && sameHash(secretHash(shown), secretHash(initToken))) return;
    throw new PloinkyError('INIT_REFUSED', 'The X-Init-Token is not the content of the file init-token.');
  }
  const local = isLoopbackAddress(peerOf(request).address) && !isForwarded(request);
  if (!local) throw new PloinkyError('INIT_REFUSED', 'This cloud can be initialised only from its own machine.');
  const host = (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
  if (!isLoopbackHost(host) || foreignOrigin(request.headers)) {
    throw new PloinkyError('INIT_REFUSED', 'This cloud cannot be initialised from a page of another site.');
  }
}
