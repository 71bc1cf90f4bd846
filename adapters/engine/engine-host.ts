import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';

/** Where an engine listens. */
export type EngineHost =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly secure: boolean };

/**
 * Reads `unix:///path`, `tcp://host:port`, `http(s)://host:port` or `host:port`, as DOCKER_HOST and CONTAINER_HOST hold them.
 * @throws PloinkyError ENGINE_UNAVAILABLE for ssh, named pipes and anything that cannot be read
 */
export function parseEngineHost(text: string): EngineHost {
  if (text.startsWith('unix://')) {
    const path = text.slice('unix://'.length);
    if (!path.startsWith('/')) throw refused(`${quote(text)} names no absolute path of a socket.`);
    return { kind: 'unix', path };
  }
  if (text.startsWith('ssh://')) {
    throw refused('An engine behind ssh:// cannot be used: folders of this machine could not be mounted there.');
  }
  if (text.startsWith('npipe://')) throw refused('Named pipes are not supported; use a unix socket.');
  return parseAddress(text);
}

function parseAddress(text: string): EngineHost {
  let url: URL;
  try {
    // With an http scheme, URL knows about ports and brackets.
    url = new URL(text.includes('://') ? text.replace(/^tcp:/, 'http:') : `http://${text}`);
  } catch {
    throw refused(`${quote(text)} is no address of an engine.`);
  }
  if (!['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw refused(`${quote(`${url.protocol}//${url.host}`)} is no address of an engine.`);
  }
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 2376 : 2375) : Number(url.port);
  return { kind: 'tcp', host: url.hostname, port, secure: secure || port === 2376 };
}

/** For people. */
export function showEngineHost(host: EngineHost): string {
  return host.kind === 'unix' ? `unix://${host.path}` : `tcp://${host.host}:${host.port}`;
}

function refused(message: string): PloinkyError {
  return new PloinkyError('ENGINE_UNAVAILABLE', message, {
    hint: 'Use unix:///path/to/the.sock or tcp://127.0.0.1:2375, or choose another engine with `p-cli cloud settings set engine auto`.',
  });
}
