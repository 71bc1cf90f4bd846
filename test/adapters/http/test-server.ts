import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../../adapters/http/http-server.ts';
import { config } from '../../story.ts';
import { ScriptedCloud, type ServedPort, serves } from './scripted-cloud.ts';

export interface TestServer {
  readonly cloud: ScriptedCloud;
  readonly http: HttpServer;
  readonly dataFolder: string;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  readonly apiKey: string;
  /** Lines that the logger was given. */
  readonly log: string[];
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** With the API key. */
  admin(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a JSON body with the API key. */
  send(method: string, path: string, body: unknown): Promise<Response>;
  deploy(path: string, domain?: string, service?: ServedPort): Promise<void>;
  close(): Promise<void>;
}

/** A real server on a free loopback port, before a scripted cloud that is initialised unless told otherwise. */
export async function startTestServer(
  options: Partial<Omit<HttpServerOptions, 'cloud'>> & { cloud?: ScriptedCloud; initialize?: boolean } = {},
): Promise<TestServer> {
  const cloud = options.cloud ?? new ScriptedCloud();
  const context = { actor: 'anonymous', trace: 'test' };
  const { apiKey } = options.initialize === false ? { apiKey: '' } : await cloud.initialize(context);
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'ploinky-http-'));
  const log: string[] = [];
  const http = await createHttpServer({
    logger: pino({ level: 'info' }, { write: (line) => log.push(line) }),
    dataFolder,
    clientFiles: {},
    port: 0,
    now: () => cloud.time,
    ...options,
    cloud,
  });
  const { port } = await http.listen().catch(async (error: unknown) => {
    await http.close();
    await rm(dataFolder, { recursive: true, force: true });
    throw error;
  });
  const url = `http://127.0.0.1:${port}`;
  const admin = (at: string, init: RequestInit = {}) => {
    return fetch(url + at, { redirect: 'manual', ...init, headers: { 'x-api-key': apiKey, ...init.headers } });
  };
  return {
    cloud,
    http,
    dataFolder,
    url,
    port,
    apiKey,
    log,
    fetch: (at, init = {}) => fetch(url + at, { redirect: 'manual', ...init }),
    admin,
    send: (method, at, body) => {
      return admin(at, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    },
    async deploy(at, domain = 'localhost', service) {
      if (!cloud.views().domains.has(domain)) {
        await cloud.execute({ type: 'addDomain', name: domain, enabled: true }, context);
      }
      const events = await cloud.execute({ type: 'deploy', domain, path: at, config, engine: 'process' }, context);
      if (service) cloud.onDeploy = (deployment, n) => serves(deployment, n, service);
      const requested = events.find((event) => event.type === 'deployment.requested');
      await cloud.releaseSettled(`${domain}${at}`, requested?.data.release ?? 1, new AbortController().signal);
      cloud.onDeploy = serves;
    },
    async close() {
      await http.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
