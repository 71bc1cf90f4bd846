import { delimiter, dirname } from 'node:path';

/** Says to which start a process belongs; whatever a program starts inherits it. */
export const startVariable = 'PLOINKY_START';

export interface ServerEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly temporary: string;
  /** Path of the Node that runs the server. */
  readonly node: string;
}

/**
 * The environment of a program: what it asked for, and of the server's own nothing but what programs need to find
 * their way. The rest may hold secrets, and NODE_EXTRA_CA_CERTS costs every start of Node 100 ms.
 */
export function childEnvironment(
  wanted: Readonly<Record<string, string>>,
  hostPort: number | null,
  startId: string,
  { variables, home, temporary, node }: ServerEnvironment,
): Record<string, string> {
  return {
    PATH: withFolder(variables.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', dirname(node)),
    HOME: home,
    LANG: variables.LANG ?? 'C.UTF-8',
    TMPDIR: temporary,
    ...wanted,
    // There is no network of its own: what a container may open to all, a process opens to this machine only.
    ...(hostPort === null ? {} : { PORT: String(hostPort), PLOINKY_LISTEN_HOST: '127.0.0.1' }),
    [startVariable]: startId,
  };
}

/** Last, so that a Node which the user prefers stays first. */
function withFolder(searchPath: string, folder: string): string {
  return searchPath.split(delimiter).includes(folder) ? searchPath : `${searchPath}${delimiter}${folder}`;
}
