import type { Served } from './follow-release.ts';

/**
 * Address of a deployment, and a request that can be pasted into a shell: a call, or for a service or site what a browser asks.
 * Commands that a module exports are in no manifest: then there is none, for a guess would fail, and `calls` says where they are.
 */
export function exampleCall(
  serverUrl: string,
  domain: string,
  path: string,
  { serves, commands }: Pick<Served, 'serves' | 'commands'>,
) {
  const server = new URL(serverUrl);
  const own = server.hostname === domain;
  const base = `${serverUrl}${path === '/' ? '' : path}`;
  const command = commands.find((name) => /^[A-Za-z0-9._-]+$/.test(name));
  const host = own ? '' : `-H 'Host: ${domain}' `;
  const address = own ? `${base}${path === '/' ? '/' : ''}` : `${server.protocol}//${domain}${portOf(server)}${path}`;
  if (serves !== 'calls') return { address, curl: `curl ${host}${base}/`, calls: null };
  const call = command === undefined ? null : `curl ${host}-d '{"params":["World"]}' ${base}/${command}`;
  return { address, curl: call, calls: `${address.replace(/\/$/, '')}/<command>` };
}

function portOf(url: URL): string {
  return url.port === '' ? '' : `:${url.port}`;
}
