import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Answers a request for another protocol as one for HTTP, which every server may do (RFC 9110, 7.8). Node has let go of the
 * connection by now: it gets it back, with the request as it would have been without that wish.
 * @param parse gives a connection to Node's parser
 */
export function withoutUpgrade(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  parse: (socket: Socket) => void,
): void {
  const { method, url, httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const lower = name.toLowerCase();
    if (lower === 'upgrade' || lower === 'http2-settings') continue;
    const value = rawHeaders[i + 1] as string;
    text += `${name}: ${lower === 'connection' ? withoutOption(value) : value}\r\n`;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  parse(socket);
}

function withoutOption(connection: string): string {
  const options = connection.split(',').filter((option) => !/^\s*(?:upgrade|http2-settings)\s*$/i.test(option));
  return options.join(',').trim() || 'keep-alive';
}
