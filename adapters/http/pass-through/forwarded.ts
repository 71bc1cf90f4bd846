import { cameByHttps, isLoopbackAddress, peerOf } from '../auth/peer.ts';
import type { AskedRequest } from '../plain/plain-request.ts';

const hostForm = /^[A-Za-z0-9_.\-[\]:]{1,260}$/;
const prefixForm = /^\/[\x21-\x7e]{0,500}$/;

/**
 * Header lines that tell a service who asked and how: Forwarded (RFC 7239), the X-Forwarded family, and Via. What a
 * client says of itself is not passed on; what a proxy on this machine says is, with ourselves added.
 * @param prefix the part of the path that the service does not see or is to be told of; empty for none
 */
export function forwardedLines(request: Pick<AskedRequest, 'headers' | 'socket'>, prefix: string): string {
  const peer = plain(peerOf(request).address ?? 'unknown');
  const { headers } = request;
  const host = headers.host ?? '';
  if (headers['x-forwarded-for'] === undefined && headers.forwarded === undefined && headers.via === undefined) {
    const proto = cameByHttps(request) ? 'https' : 'http';
    return lines(peer, proto, host, portOf(host, proto), prefix, element(peer, proto, host), '');
  }
  const trusted = isLoopbackAddress(peer);
  const said = (name: string): string | null => {
    const value = trusted ? headers[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const proto = cameByHttps(request) ? 'https' : 'http';
  const chain = said('x-forwarded-for');
  const outerHost = said('x-forwarded-host');
  const outside = outerHost !== null && hostForm.test(outerHost) ? outerHost : host;
  const outerPort = said('x-forwarded-port');
  const port = outerPort !== null && /^\d{1,5}$/.test(outerPort) ? outerPort : portOf(outside, proto);
  const outerPrefix = said('x-forwarded-prefix');
  const whole = outerPrefix !== null && prefixForm.test(outerPrefix) ? join(outerPrefix, prefix) : prefix;
  const before = said('forwarded');
  const own = element(peer, proto, host);
  const via = said('via');
  return lines(
    chain === null ? peer : `${chain}, ${peer}`,
    proto,
    outside,
    port,
    whole,
    before === null ? own : `${before}, ${own}`,
    via === null ? '' : `${via}, `,
  );
}

function lines(
  chain: string,
  proto: string,
  host: string,
  port: string,
  prefix: string,
  forwarded: string,
  via: string,
): string {
  const prefixLine = prefix === '' ? '' : `X-Forwarded-Prefix: ${prefix}\r\n`;
  return `X-Forwarded-For: ${chain}\r\nX-Forwarded-Proto: ${proto}\r\nX-Forwarded-Host: ${host}\r\nX-Forwarded-Port: ${port}\r\n${prefixLine}Forwarded: ${forwarded}\r\nVia: ${via}1.1 ploinky\r\n`;
}

/** One element of Forwarded. An IPv6 address and a host with a port need quotes; neither can hold one itself. */
function element(peer: string, proto: string, host: string): string {
  const who = peer.includes(':') ? `"[${peer}]"` : peer;
  const where = hostForm.test(host) ? `;host="${host}"` : '';
  return `for=${who}${where};proto=${proto}`;
}

function portOf(host: string, proto: string): string {
  return /:(\d{1,5})$/.exec(host)?.[1] ?? (proto === 'https' ? '443' : '80');
}

function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function join(outer: string, inner: string): string {
  return `${outer.replace(/\/+$/, '')}${inner}`;
}
