import { Api } from './connection/api.ts';
import { type CloudFile, CloudFileStore } from './connection/cloud-file.ts';
import { isRecord, readJsonFile } from './connection/json-file.ts';
import { RemotesFileStore } from './connection/remotes-file.ts';
import { defaultServerUrl, parseServerUrl } from './connection/server-url.ts';
import type { Surroundings } from './surroundings.ts';
import { Output } from './terminal/output.ts';
import { dim } from './terminal/text.ts';

export interface Connection {
  readonly serverUrl: string;
  readonly token: string | null;
  readonly userId: string | null;
}

/** What one command works with: where it runs, how it speaks, and the server it talks to. */
export class Session {
  readonly surroundings: Surroundings;
  readonly out: Output;
  readonly debug: boolean;
  readonly cloudFile: CloudFileStore;
  readonly remotesFile: RemotesFileStore;

  constructor(surroundings: Surroundings, options: { json: boolean; debug: boolean }) {
    this.surroundings = surroundings;
    this.out = new Output(surroundings.stdout, surroundings.stderr, surroundings.env, options.json);
    this.debug = options.debug;
    this.cloudFile = new CloudFileStore(surroundings.cwd);
    this.remotesFile = new RemotesFileStore(surroundings.home);
  }

  /** PLOINKY_SERVER_URL and PLOINKY_AUTH_TOKEN win over the file. */
  async connection(): Promise<Connection> {
    return connectionOf(await this.cloudFile.read(), undefined, this.surroundings.env);
  }

  /** As `connection`, but the address of `client connect` wins, where there is one. */
  async clientConnection(): Promise<Connection> {
    const content = await readJsonFile(this.clientFilePath);
    const url = isRecord(content) && typeof content.serverUrl === 'string' ? content.serverUrl : undefined;
    return connectionOf(await this.cloudFile.read(), url, this.surroundings.env);
  }

  get clientFilePath(): string {
    return this.cloudFile.path.replace(/cloud\.json$/, 'client.json');
  }

  async api(): Promise<Api> {
    return this.apiFor(await this.connection());
  }

  apiFor(connection: Connection): Api {
    return new Api({
      serverUrl: connection.serverUrl,
      token: connection.token,
      signal: this.surroundings.signal,
      ...(this.debug ? { trace: (line: string) => this.out.trace(dim(`· ${line}`)) } : {}),
    });
  }
}

/** A token opens one server only: where another address wins over the file, the file's token stays at home. */
function connectionOf(file: CloudFile, clientUrl: string | undefined, env: Surroundings['env']): Connection {
  const own = parseServerUrl(file.serverUrl ?? defaultServerUrl);
  const serverUrl = parseServerUrl(env.PLOINKY_SERVER_URL || clientUrl || own);
  const token = serverUrl === own ? (file.authToken ?? null) : null;
  return {
    serverUrl,
    token: env.PLOINKY_AUTH_TOKEN || token,
    userId: token === null ? null : (file.userId ?? null),
  };
}
