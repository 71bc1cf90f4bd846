import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Remotes {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Authorization headers that anybody sent. */
  readonly credentials: string[];
  close(): Promise<void>;
}

/** What a Git remote may answer, by the first segment of the address. */
const moods: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  locked: (_, response) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end('who?'),
  forbidden: (_, response) => void response.writeHead(403).end('no'),
  absent: (_, response) => void response.writeHead(404).end('nothing here'),
  /** Never answers. */
  silent: () => {},
  /** Begins and never ends. */
  dripping: (_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
    response.write('001e# service=git-upload-pack\n');
  },
  page: (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'),
  garbage: (_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
    response.end(Buffer.from([0, 255, 1, 254, 2, 253, 10, 10]));
  },
  broken: (_, response) => void response.writeHead(500).end('oh no'),
  hangup: (request) => void request.socket.destroy(),
  elsewhere: (_, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
};

/** A small HTTP server that plays Git remotes in every bad mood. */
export async function playRemotes(): Promise<Remotes> {
  const credentials: string[] = [];
  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) credentials.push(authorization);
    const mood = moods[(request.url ?? '').split('/')[1] ?? ''] ?? moods.absent;
    mood?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    credentials,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
