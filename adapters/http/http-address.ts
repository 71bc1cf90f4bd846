import type { AddressInfo, Server } from 'node:net';

export interface HttpAddress {
  readonly port: number;
  /** Addresses listened on, for example 127.0.0.1 and ::1. */
  readonly hosts: readonly string[];
  /** For people and clients: `http://localhost:<port>`, or with the host that was asked for. */
  readonly url: string;
}

/** @param asked the host that was asked for */
export function httpAddress(servers: readonly Server[], asked: string | undefined): HttpAddress {
  const addresses = servers.map((server) => server.address() as AddressInfo);
  const port = addresses[0]?.port ?? 0;
  const named = asked === undefined || asked === '0.0.0.0' || asked === '::' ? 'localhost' : asked;
  const host = named.includes(':') && !named.startsWith('[') ? `[${named}]` : named;
  return { port, hosts: addresses.map(({ address }) => address), url: `http://${host}:${port}` };
}
