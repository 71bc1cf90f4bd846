/** What the examples of this project are called; for agents whose manifest declares no commands. */
const usualCommand = 'hello';

/** Address of a deployment, and a call that can be pasted into a shell. */
export function exampleCall(serverUrl: string, domain: string, path: string, commands: readonly string[]) {
  const server = new URL(serverUrl);
  const own = server.hostname === domain;
  const base = `${serverUrl}${path === '/' ? '' : path}`;
  const command = commands.find((name) => /^[A-Za-z0-9._-]+$/.test(name)) ?? usualCommand;
  const host = own ? '' : `-H 'Host: ${domain}' `;
  return {
    address: own ? `${base}${path === '/' ? '/' : ''}` : `${server.protocol}//${domain}${portOf(server)}${path}`,
    curl: `curl ${host}-d '{"params":["World"]}' ${base}/${command}`,
  };
}

function portOf(url: URL): string {
  return url.port === '' ? '' : `:${url.port}`;
}
