import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { nanoid } from 'nanoid';
import type { Logger } from 'pino';
import { DeniedAccess } from './auth/denied-access.ts';
import { LoginLimiter } from './auth/login-limiter.ts';
import { noteAnswer } from './broken-requests.ts';
import type { CloudPort } from './cloud-port.ts';
import { Connections } from './connections.ts';
import { gatewayDoor } from './gateway/door.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { listenOn } from './listeners.ts';
import { managementApp } from './management/app.ts';
import { closeServer, newServer, type UpgradeListener } from './new-server.ts';
import { endTunnels } from './pass-through/tunnel.ts';
import { surfaceOf } from './surface.ts';
import type { Surroundings } from './surroundings.ts';
import { CallMeters } from './traffic/call-meters.ts';
import { Traffic } from './traffic/traffic.ts';

export interface HttpServerOptions {
  readonly cloud: CloudPort;
  readonly logger: Logger;
  /** `<dir>/.ploinky-cloud`: holds `logs/` and `agents/static/`. */
  readonly dataFolder: string;
  /** By the name after `/client/`, for example `ploinkyClient.js`: absolute path. */
  readonly clientFiles: Readonly<Record<string, string>>;
  readonly limits?: Partial<Limits>;
  /** Default: 127.0.0.1 and ::1. Whether another is allowed, `bindProblem` says. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface HttpServer {
  /** @throws PloinkyError PORT_IN_USE, BIND_REFUSED */
  listen(): Promise<HttpAddress>;
  /** null while it does not listen. */
  readonly address: HttpAddress | null;
  /** No new requests, streams end, answers under way are finished; after closeGraceMs connections are cut. */
  close(): Promise<void>;
}

export interface HttpAddress {
  readonly port: number;
  /** Addresses listened on, for example 127.0.0.1 and ::1. */
  readonly hosts: readonly string[];
  /** For people and clients: `http://localhost:<port>`, or with the host that was asked for. */
  readonly url: string;
}

/** Management, agents and static files on one port. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...defaultLimits, ...options.limits };
  const closing = new AbortController();
  const surroundings = surroundingsOf(options, limits, closing.signal);
  const management = await managementApp(surroundings);
  const gateway = gatewayDoor(surroundings);

  const connections = new Connections();
  const dispatch = (request: IncomingMessage, response: ServerResponse) => {
    connections.used(request.socket);
    noteAnswer(request, response);
    try {
      if (surfaceOf(request.url ?? '/') === 'management') {
        if (request.headers.expect !== undefined) response.writeContinue();
        management.routing(request, response);
      } else gateway.answer(request, response);
    } catch (error) {
      // Nothing that a request does may end the server.
      options.logger.error({ err: error }, 'request failed');
      response.destroy();
    }
  };
  const upgrade: UpgradeListener = (request, socket, head) => {
    connections.used(socket);
    return surfaceOf(request.url ?? '/') === 'gateway' && gateway.upgrade(request, socket, head);
  };
  let servers: Server[] = [];
  let closed: Promise<void> | undefined;
  return {
    get address() {
      return servers.length === 0 ? null : addressOf(servers, options.host);
    },
    async listen() {
      servers = await listenOn(options.host, options.port, () => newServer(limits, connections, dispatch, upgrade));
      return addressOf(servers, options.host);
    },
    close() {
      closed ??= (async () => {
        closing.abort();
        connections.close();
        endTunnels(connections.open, limits.closeGraceMs);
        await Promise.all(servers.map((server) => closeServer(server, limits.closeGraceMs)));
        servers = [];
        surroundings.denied.close();
        gateway.close();
        await management.close();
      })();
      return closed;
    },
  };
}

function surroundingsOf(options: HttpServerOptions, limits: Limits, closing: AbortSignal): Surroundings {
  const { cloud, logger, dataFolder, clientFiles, now = Date.now } = options;
  const denied = new DeniedAccess((denial) => {
    if (cloud.phase() === 'uninitialized') return;
    cloud
      .execute({ type: 'denyAccess', ...denial }, { actor: 'anonymous', trace: nanoid() })
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'a refused request could not be recorded');
      });
  });
  return {
    cloud,
    logger,
    limits,
    limiter: new LoginLimiter(now),
    denied,
    traffic: new Traffic(now),
    meters: new CallMeters(cloud),
    dataFolder,
    logFolder: path.join(dataFolder, 'logs'),
    staticFolder: path.join(dataFolder, 'agents', 'static'),
    clientFiles,
    openApi: onceAsked(cloud.version),
    closing,
    now,
  };
}

/** Made at the first question: most servers are never asked, and the generator is slow to load. */
function onceAsked(version: string): () => Promise<string> {
  let text: Promise<string> | undefined;
  return () => {
    text ??= import('./openapi.ts').then(async ({ buildOpenApi }) => JSON.stringify(await buildOpenApi(version)));
    return text;
  };
}

function addressOf(servers: readonly Server[], asked: string | undefined): HttpAddress {
  const addresses = servers.map((server) => server.address() as AddressInfo);
  const port = addresses[0]?.port ?? 0;
  const named = asked === undefined || asked === '0.0.0.0' || asked === '::' ? 'localhost' : asked;
  const host = named.includes(':') && !named.startsWith('[') ? `[${named}]` : named;
  return { port, hosts: addresses.map(({ address }) => address), url: `http://${host}:${port}` };
}
