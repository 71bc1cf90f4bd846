import { PloinkyError } from '../errors/ploinky-error.ts';
import { parseName } from './names.ts';

/** Address of a repository, in the one spelling that Git is given. */
export type RemoteUrl =
  | { readonly kind: 'network'; readonly protocol: 'https' | 'http' | 'ssh'; readonly url: string }
  /** `url` is an absolute path. */
  | { readonly kind: 'local'; readonly protocol: 'file'; readonly url: string }
  /** One of the repositories that come with Ploinky; `name` is a file name. */
  | { readonly kind: 'bundled'; readonly protocol: 'file'; readonly name: string }
  /** Working trees that a developer sent; `name` is a file name. */
  | { readonly kind: 'dev'; readonly protocol: 'file'; readonly name: string };

const host = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])`;
const sshUrl = new RegExp(String.raw`^ssh://(?:([^@/]*)@)?${host}(?::\d{1,5})?/[^-].*$`);
const scpForm = new RegExp(`^(?:([^@/:]*)@)?(${host}):([^-:].*)$`);
const sshUser = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads `https://…`, `ssh://…`, `user@host:path`, `file://…`, an absolute path, `bundled:<name>` or `ploinky-dev:<name>`; plain http only to
 * this machine. Whether local paths are permitted is asked by requirePermitted. Messages never repeat the address,
 * for what is refused may hold a password.
 * @throws PloinkyError GIT_URL_REFUSED
 */
export function parseRemoteUrl(text: string): RemoteUrl {
  if (text === '') refuse('is empty');
  if (text.length > 2_000) refuse('is longer than 2,000 characters');
  if (/[\u0000-\u0020\u007f-\u00a0\\]/.test(text)) refuse('holds a space, a backslash or a control character');
  if (text.startsWith('-')) refuse('begins with a dash');
  if (text.startsWith('bundled:')) return { kind: 'bundled', protocol: 'file', name: bundledName(text.slice(8)) };
  if (text.startsWith('ploinky-dev:')) return { kind: 'dev', protocol: 'file', name: bundledName(text.slice(12)) };
  if (text.startsWith('/')) return { kind: 'local', protocol: 'file', url: text };
  // `ext::` and its kin start any program at all.
  if (/^[A-Za-z0-9+.-]+::/.test(text)) refuse('names a remote helper, which could start any program');

  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return scpLike(text);
  if (scheme === 'https' || scheme === 'http') return web(text, scheme);
  if (scheme === 'ssh') return ssh(text);
  if (scheme === 'file') return file(text);
  return refuse('has a scheme other than https, ssh or file');
}

/** @throws PloinkyError GIT_URL_REFUSED for a local path, unless those are allowed. */
export function requirePermitted(remote: RemoteUrl, allowLocal: boolean): void {
  if (remote.kind !== 'local' || allowLocal) return;
  throw new PloinkyError(
    'GIT_URL_REFUSED',
    'The address of the repository is a local path, which is not allowed here.',
    {
      hint: 'Allow local paths with `p-cli cloud settings set git.allowLocal true`, or use https:// or ssh://.',
    },
  );
}

function web(text: string, scheme: 'https' | 'http'): RemoteUrl {
  const authority = text.slice(text.indexOf('//') + 2).split('/')[0] ?? '';
  if (authority.includes('@')) refuseCredentials();
  const url = URL.canParse(text) ? new URL(text) : refuse('cannot be read as a URL');
  // `https:///user:password@host` has an empty authority for some readers and a full one for others.
  if (url.username !== '' || url.password !== '') refuseCredentials();
  if (authority === '' || url.hostname === '' || url.hostname.startsWith('-')) refuse('names no host');
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text))
    refuse('has a query or fragment, where secrets tend to hide');
  if (scheme === 'http' && !loopback.test(url.hostname))
    refuse('is plain http, which anybody on the way can read and change');
  return { kind: 'network', protocol: scheme, url: url.href };
}

function ssh(text: string): RemoteUrl {
  // Scheme names are case-blind, Git's table of them is not.
  const url = `ssh${text.slice(3)}`;
  const match = sshUrl.exec(url);
  if (!match) return refuse('is no ssh address of the form ssh://user@host/path');
  checkSshUser(match[1]);
  return { kind: 'network', protocol: 'ssh', url };
}

function scpLike(text: string): RemoteUrl {
  const match = scpForm.exec(text);
  if (!match) return refuse('is no https, ssh or absolute local one');
  const [, user, , path = ''] = match;
  // `user:password@host:path` reads as the host `user` and the path `password@host:path`.
  if (/^[^/]*@/.test(path)) refuseCredentials();
  checkSshUser(user);
  return { kind: 'network', protocol: 'ssh', url: text };
}

function checkSshUser(user: string | undefined): void {
  if (user === undefined) return;
  if (user.includes(':')) refuseCredentials();
  if (!sshUser.test(user)) refuse('has an unusual user name');
}

function file(text: string): RemoteUrl {
  const url = URL.canParse(text) ? new URL(text) : refuse('cannot be read as a URL');
  if (url.host !== '' || url.search !== '' || url.hash !== '') refuse('is a file address with more than a path');
  let path = '';
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    refuse('cannot be read as a URL');
  }
  if (/[\u0000-\u001f\u007f]/.test(path)) refuse('holds a control character');
  return { kind: 'local', protocol: 'file', url: path };
}

function bundledName(name: string): string {
  try {
    return parseName(name, 'repository');
  } catch {
    return refuse('names no bundled repository');
  }
}

function refuseCredentials(): never {
  throw new PloinkyError('GIT_URL_REFUSED', 'The address of the repository holds a user name or password.', {
    hint: 'Take it out and keep it in a Git credential helper or SSH key of the user that runs the server.',
  });
}

function refuse(why: string): never {
  throw new PloinkyError('GIT_URL_REFUSED', `The address of the repository ${why}.`);
}
