import type { IncomingMessage } from 'node:http';
import { keeping, startProxy as start, startRawService, startService, type TestProxy } from './proxy.ts';

export type PassGround = ReturnType<typeof passGround>;

/**
 * Proxies in front of services of all kinds, ended after each test.
 * @param plain requests that are plain are read and answered without Node's HTTP
 */
export function passGround(plain: boolean) {
  const startProxy: typeof start = (address, options) => start(address, { plain, ...options });
  const { ends, kept } = keeping();

  /** A proxy in front of a service whose connection ends with the second request that comes to it. */
  async function closingAtTheSecond() {
    let asked = 0;
    const service = await kept(
      startRawService((socket) => {
        asked += 1;
        if (asked === 2) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
      }),
    );
    const proxy = await kept(startProxy({ host: '127.0.0.1', port: service.port }));
    return { proxy, service, asked: () => asked };
  }

  /** A proxy in front of a function. */
  async function serving(
    handle: Parameters<typeof startService>[0],
    options: Parameters<typeof startProxy>[1] = {},
  ): Promise<TestProxy> {
    const service = await kept(startService(handle));
    return kept(startProxy({ host: '127.0.0.1', port: service.port }, options));
  }

  /** A proxy in front of bytes. */
  async function answering(bytes: string, options: Parameters<typeof startProxy>[1] = {}) {
    const service = await kept(
      startRawService((socket, text) => {
        if (text.endsWith('\r\n\r\n')) socket.write(bytes, 'latin1');
      }),
    );
    const proxy = await kept(startProxy({ host: '127.0.0.1', port: service.port }, options));
    return { service, proxy };
  }

  return { startProxy, ends, kept, closingAtTheSecond, serving, answering };
}

export async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

export const get = 'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n';
