import type { Served } from './follow-release.ts';

/** What the examples of this project are called; for agents whose manifest declares no commands. */
const usualCommand = 'hello';

/** Address of a deployment, and a request that can be pasted into a shell: a call, or for a service or site what a browser asks. */
export function exampleCall(
  serverUrl: string,
  domain: string,
  path: string,
  { serves, commands }: Pick<Served, 'serves' | 'commands'>,
) {
  const server = new URL(serverUrl);
  const own = server.hostname === domain;
  const base = `${serverUrl}${path === '/' ? '' : path}`;
  const command = commands.find((name) => /^[A-Za-z0-9._-]+$/.test(name)) ?? usualCommand;
  const host = own ? '' : `-H 'Host: ${domain}' `;
  return {
    address: own ? `${base}${path === '/' ? '/' : ''}` : `${server.protocol}//${domain}${portOf(server)}${path}`,
    curl: serves === 'calls' ? `curl ${host}-d '{"params":["World"]}' ${base}/${command}` : `curl ${host}${base}/`,
  };
}

function portOf(url: URL): string {
  return url.port === '' ? '' : `:${url.port}`;
}
