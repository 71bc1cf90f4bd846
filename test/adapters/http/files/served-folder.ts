import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as ask, createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { changingFiles } from '../../../../adapters/http/files/folder-files.ts';
import { type Site, sendNotFoundPage, serveSite } from '../../../../adapters/http/files/serve-site.ts';
import { segmentsOf } from '../../../../adapters/http/gateway/route-path.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A folder of files below /site of a server that does nothing else. */
export class ServedFolder {
  readonly folder: string;
  readonly #server: Server;
  readonly #answering = new Set<Promise<void>>();
  site: Site;

  private constructor(folder: string) {
    this.folder = folder;
    this.site = {
      folder: join(folder, 'public'),
      files: changingFiles,
      spa: false,
      withheld: new Set(),
      kept: 'public',
    };
    this.#server = createServer((request, response) => {
      const [path = '/', query] = (request.url ?? '/').split('?');
      const segments = segmentsIn(path);
      if (segments === null) {
        response.writeHead(400).end();
        return;
      }
      const address = {
        segments: segments.slice(1),
        trailingSlash: path.endsWith('/'),
        base: '/site',
        query: query === undefined ? '' : `?${query}`,
      };
      const answered = (async () => {
        if (await serveSite(request, response, this.site, address)) return;
        if (await sendNotFoundPage(request, response, this.site)) return;
        response.writeHead(404).end();
      })();
      this.#answering.add(answered);
      void answered.finally(() => this.#answering.delete(answered));
    });
  }

  static async make(files: Readonly<Record<string, string | Buffer>>): Promise<ServedFolder> {
    const made = new ServedFolder(await mkdtemp(join(tmpdir(), 'ploinky-files-')));
    await made.write(files);
    await new Promise<void>((resolve) => made.#server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  async write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** When nothing is being answered any more and no connection is open. */
  async idle(): Promise<void> {
    await Promise.all(this.#answering);
    this.#server.closeAllConnections();
  }

  /** As it is, without the kindness of fetch. */
  get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
    const { port } = this;
    return new Promise((resolve, reject) => {
      const request = ask({ port, host: '127.0.0.1', path, method, headers, agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
        );
      });
      request.on('error', reject);
      request.end();
    });
  }

  async clear(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** As the gateway reads them; null for what it refuses. */
function segmentsIn(path: string): string[] | null {
  try {
    return segmentsOf(path);
  } catch {
    return null;
  }
}
