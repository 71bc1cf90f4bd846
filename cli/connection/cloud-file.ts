import { join } from 'node:path';
import { isRecord, readJsonFile } from './json-file.ts';
import { writePrivateFile } from './private-file.ts';

/** `./.ploinky/cloud.json`: which server this folder talks to, and the one that was started from here. */
export interface CloudFile {
  serverUrl?: string;
  /** Session token; valid for `serverUrl` alone. */
  authToken?: string;
  userId?: string;
  serverPid?: number;
  serverPort?: number;
  /** The port that was asked for when it was started; the next start of that folder takes it too, until the setting is changed. */
  askedPort?: number;
  /** Tells the process from a later one with the same number. */
  serverStart?: string;
  /** Absolute path of the folder it serves. */
  serverDir?: string;
}

export class CloudFileStore {
  readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, '.ploinky', 'cloud.json');
  }

  /** Empty when there is none. Fields of a wrong type count as missing. @throws FILE_UNREADABLE */
  async read(): Promise<CloudFile> {
    const content = await readJsonFile(this.path);
    if (!isRecord(content)) return {};
    const { serverUrl, authToken, userId, serverPid, serverPort, askedPort, serverStart, serverDir } = content;
    return {
      ...(typeof serverUrl === 'string' ? { serverUrl } : {}),
      ...(typeof authToken === 'string' && /^[\x21-\x3a\x3c-\x7e]+$/.test(authToken) ? { authToken } : {}),
      ...(typeof userId === 'string' ? { userId } : {}),
      ...(Number.isInteger(serverPid) ? { serverPid: serverPid as number } : {}),
      ...(Number.isInteger(serverPort) ? { serverPort: serverPort as number } : {}),
      ...(Number.isInteger(askedPort) ? { askedPort: askedPort as number } : {}),
      ...(typeof serverStart === 'string' ? { serverStart } : {}),
      ...(typeof serverDir === 'string' ? { serverDir } : {}),
    };
  }

  /** Changes some fields and keeps the others, known or not. `undefined` removes. @throws FILE_UNWRITABLE */
  async update(changes: { readonly [K in keyof CloudFile]: CloudFile[K] | undefined }): Promise<void> {
    const old = await readJsonFile(this.path);
    const next: Record<string, unknown> = isRecord(old) ? { ...old } : {};
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) delete next[name];
      else next[name] = value;
    }
    await writePrivateFile(this.path, `${JSON.stringify(next, null, 2)}\n`);
  }
}
