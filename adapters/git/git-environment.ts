import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nanoid } from 'nanoid';

/**
 * Configuration for everything that stays on this machine, instead of the user's and the machine's: a repository here
 * may belong to another user than the one that runs the server, hooks never run, and the network stays out.
 */
const homeConfig = `# Written by Ploinky; changes are lost.
[safe]
\tdirectory = *
[core]
\thooksPath = /dev/null
\tprotectNTFS = true
\tprotectHFS = true
\tautocrlf = false
\tattributesFile = /dev/null
\texcludesFile = /dev/null
[protocol]
\tallow = never
[protocol "file"]
\tallow = always
[transfer]
\tunpackLimit = 1
[gc]
\tautoDetach = false
[maintenance]
\tauto = false
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
`;

/** Makes `<folder>/.home` with that configuration and answers with its path. Replaced as a whole, whatever was there. */
export async function makeGitHome(folder: string): Promise<string> {
  const home = join(folder, '.home');
  await mkdir(home, { recursive: true });
  const temporary = join(home, `.gitconfig.${nanoid(8)}`);
  await writeFile(temporary, homeConfig);
  await rename(temporary, join(home, '.gitconfig'));
  return home;
}

/** Variables for Git on this machine. Nothing of ours or the user's settings is inherited. */
export function localEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
  };
}

/** Of the server's environment, what reaching a remote may need: keys, proxies and certificates of its user. */
const inherited = [
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'XDG_CONFIG_HOME',
  'XDG_RUNTIME_DIR',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
] as const;

/**
 * Variables for a conversation with a remote. `protocol` is the only one that Git may speak, redirections included.
 * A local remote gets our own home: its `upload-pack` reads `safe.directory` from there alone.
 */
export function remoteEnvironment(protocol: 'https' | 'http' | 'ssh' | 'file', home: string): Record<string, string> {
  const own = {
    ...localEnvironment(home),
    GIT_ALLOW_PROTOCOL: protocol,
    // Set but empty: no program is asked, neither ours nor one that the user's configuration names.
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GCM_INTERACTIVE: 'never',
  };
  if (protocol === 'file') return own;
  const users = inherited.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...own, ...Object.fromEntries(users) };
}

/** Configuration for a conversation; on the command line it wins over the user's. */
export function remoteConfig(protocol: 'https' | 'http' | 'ssh' | 'file', timeoutMs: number): string[] {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  const entries = [
    'protocol.version=2',
    'protocol.allow=never',
    `protocol.${protocol}.allow=always`,
    'core.hooksPath=/dev/null',
    'core.askPass=',
    // A constant; Git starts it through a shell. BatchMode: fail instead of asking anything.
    `core.sshCommand=ssh -oBatchMode=yes -oConnectTimeout=${seconds} -oServerAliveInterval=15 -oServerAliveCountMax=2 -oControlMaster=no`,
    'ssh.variant=ssh',
    // Ends a git that outlived a killed server.
    'http.lowSpeedLimit=1',
    `http.lowSpeedTime=${seconds}`,
    'submodule.recurse=false',
    'fetch.recurseSubmodules=false',
    'fetch.writeCommitGraph=false',
    // One pack that appears as a whole: a killed fetch leaves no commit without its files.
    'fetch.unpackLimit=1',
    'gc.auto=0',
    'maintenance.auto=false',
    'credential.interactive=false',
  ];
  // Plain http goes to this machine only, never through a proxy.
  if (protocol === 'http') entries.push('http.proxy=');
  return entries.flatMap((entry) => ['-c', entry]);
}
