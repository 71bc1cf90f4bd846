import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4 } from 'node:net';
import type { Network } from '../../../projections/networks.ts';
import { clientAddress, peerOf } from './peer.ts';

/**
 * Whether a request comes from a container in a private network of this cloud: by the address at the other end of the
 * connection, and by what a proxy on this machine says of the end behind it. Nothing else in the request counts, so that no
 * header leads past it.
 */
export function isFromContainer(request: IncomingMessage, networks: Iterable<Network>): boolean {
  const subnets = [...networks].flatMap((network) => network.subnets);
  if (subnets.length === 0) return false;
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), isIPv4(network) ? 'ipv4' : 'ipv6');
  }
  // On an interface of IPv6 alone every neighbour has such an address, whatever network it is in.
  list.addSubnet('fe80::', 10, 'ipv6');
  return [peerOf(request).address ?? '', clientAddress(request)].some((address) => isListed(list, address));
}

function isListed(list: BlockList, address: string): boolean {
  const bare = (address.startsWith('::ffff:') ? address.slice(7) : address).replace(/%.*$/, '');
  return list.check(bare, isIPv4(bare) ? 'ipv4' : 'ipv6');
}
