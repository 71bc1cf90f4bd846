import type { IncomingMessage } from 'node:http';
import type { AskedRequest } from '../plain/plain-request.ts';

type Came = Pick<AskedRequest, 'headers' | 'socket'>;

/** Who is at the other end of a connection, as the system says. */
export interface Peer {
  readonly address: string | undefined;
  /** Over TLS. */
  readonly encrypted: boolean;
}

const passedOn = new WeakMap<Came, Peer>();

/** For a request that another process of this server took and passed on: whom it came from there. */
export function notePeer(request: IncomingMessage, peer: Peer): void {
  passedOn.set(request, peer);
}

export function peerOf(request: Came): Peer {
  const { socket } = request;
  return (
    passedOn.get(request) ?? {
      address: socket.remoteAddress,
      encrypted: 'encrypted' in socket && socket.encrypted === true,
    }
  );
}

/** 127.0.0.0/8, ::1 and the first written as IPv6. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(plain);
}

/** The names by which a machine calls itself. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || isLoopbackAddress(host);
}

const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Somebody stands between: the peer's address says nothing about who asks. */
export function isForwarded(request: IncomingMessage): boolean {
  return forwarding.some((name) => request.headers[name] !== undefined);
}

/**
 * Where the request came from. Only a proxy on this machine is believed when it says so, and of a chain only the
 * last address, which that proxy saw itself.
 */
export function clientAddress(request: Came): string {
  const from = passedOn.get(request);
  const peer = (from ? from.address : request.socket.remoteAddress) ?? 'unknown';
  const chain = request.headers['x-forwarded-for'];
  if (typeof chain !== 'string' || !isLoopbackAddress(peer)) return peer;
  return (
    chain
      .slice(chain.lastIndexOf(',') + 1)
      .trim()
      .slice(0, 64) || peer
  );
}

/** Over TLS, or a proxy on this machine says that it was. */
export function cameByHttps(request: Came): boolean {
  const { address, encrypted } = peerOf(request);
  return encrypted || (isLoopbackAddress(address) && request.headers['x-forwarded-proto'] === 'https');
}
