import type { IncomingMessage } from 'node:http';
import { sameHash, secretHash } from './auth/credentials.ts';
import { notePeer, type Peer } from './auth/peer.ts';

/** Where a worker passes on what it does not answer itself. */
export interface InnerSocket {
  /** Of a unix socket, mode 0600. */
  readonly path: string;
  /** Made anew by each start. It proves that a request came through a worker, which is believed whom it came from. */
  readonly token: string;
}

/** Believed on the inner socket alone, together with its token. */
export const peerHeader = 'x-ploinky-peer';

export function peerValue({ token }: InnerSocket, { address, encrypted }: Peer): string {
  return `${token} ${encrypted ? 'https' : 'http'} ${address ?? ''}`;
}

/** Takes note of whom a request on the inner socket came from; false when no worker sent it. */
export function fromWorker(request: IncomingMessage, { token }: InnerSocket): boolean {
  const value = request.headers[peerHeader];
  if (typeof value !== 'string') return false;
  const [shown = '', scheme, address = ''] = value.split(' ');
  if (!sameHash(secretHash(shown), secretHash(token))) return false;
  // Nobody behind this may come to see the token.
  delete request.headers[peerHeader];
  notePeer(request, { address: address === '' ? undefined : address, encrypted: scheme === 'https' });
  return true;
}
