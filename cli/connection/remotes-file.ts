import { join } from 'node:path';
import { isRecord, readJsonFile } from './json-file.ts';
import { writePrivateFile } from './private-file.ts';

/** An API key, and the server it opens. */
export interface Remote {
  readonly url: string;
  readonly apiKey: string;
}

/**
 * `~/.plionky/remotes.json`: `{url, apiKey}` of the last server that was initialised, `others` of those before, so
 * that a second cloud does not take the key of the first. The folder's name is misspelt since the first version;
 * scripts rely on it.
 */
export class RemotesFileStore {
  readonly path: string;

  constructor(home: string) {
    this.path = join(home, '.plionky', 'remotes.json');
  }

  /** The key for a server, where there is one. @throws PloinkyError FILE_UNREADABLE */
  async find(url: string): Promise<Remote | undefined> {
    return (await this.#read()).find((remote) => remote.url === url);
  }

  /** @throws PloinkyError FILE_UNREADABLE, FILE_UNWRITABLE */
  async save(remote: Remote): Promise<void> {
    const others = (await this.#read()).filter(({ url }) => url !== remote.url);
    const content = { ...remote, ...(others.length > 0 ? { others } : {}) };
    await writePrivateFile(this.path, `${JSON.stringify(content, null, 2)}\n`);
  }

  async #read(): Promise<Remote[]> {
    const content = await readJsonFile(this.path);
    if (!isRecord(content)) return [];
    const others = Array.isArray(content.others) ? content.others : [];
    return [content, ...others].filter(isRemote).map(({ url, apiKey }) => ({ url, apiKey }));
  }
}

function isRemote(value: unknown): value is Remote {
  return isRecord(value) && typeof value.url === 'string' && typeof value.apiKey === 'string';
}
