import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import path from 'node:path';
import { nanoid } from 'nanoid';
import type { Logger } from 'pino';
import type { RequestsUnderWay } from '../pipeline/requests-under-way.ts';
import { DeniedAccess } from './auth/denied-access.ts';
import { LoginLimiter } from './auth/login-limiter.ts';
import { noteAnswer } from './broken-requests.ts';
import type { CloudPort } from './cloud-port.ts';
import { Connections } from './connections.ts';
import { gatewayDoor } from './gateway/door.ts';
import { gatewayFolders } from './gateway/gateway-surroundings.ts';
import { type HttpAddress, httpAddress } from './http-address.ts';
import { fromWorker, type InnerSocket } from './inner-socket.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { listenOn, listenOnSocket } from './listeners.ts';
import { managementApp } from './management/app.ts';
import { closeServer, newServer, type UpgradeListener } from './new-server.ts';
import { endTunnels } from './pass-through/tunnel.ts';
import type { PlainListener } from './plain/plain-connection.ts';
import { surfaceOf } from './surface.ts';
import type { Surroundings } from './surroundings.ts';
import { AuditTrail } from './traffic/audit-trail.ts';
import { CallMeters } from './traffic/call-meters.ts';
import { ServiceMeters } from './traffic/service-meters.ts';
import { Traffic } from './traffic/traffic.ts';
import { noWorkforce, type Workforce } from './workforce.ts';

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
  /** Other processes that take requests; they pass on what they do not answer. */
  readonly workforce?: Workforce;
  /** Told how many requests are under way in web services. */
  readonly requests?: RequestsUnderWay;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface HttpServer {
  /** @throws PloinkyError PORT_IN_USE, BIND_REFUSED */
  listen(): Promise<HttpAddress>;
  /** On the socket for workers. */
  listenInside(inner: InnerSocket): Promise<void>;
  /** null while it does not listen, or not for everybody. */
  readonly address: HttpAddress | null;
  /** What is counted here for the whole server. */
  readonly figures: Pick<Surroundings, 'traffic' | 'meters' | 'denied' | 'services' | 'audit'>;
  /** No new requests, streams end, answers under way are finished; after closeGraceMs connections are cut. */
  close(): Promise<void>;
}

/** Management, agents and static files on one port. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...defaultLimits, ...options.limits };
  const closing = new AbortController();
  const surroundings = surroundingsOf(options, limits, closing.signal);
  const management = await managementApp(surroundings);
  const gateway = gatewayDoor({ ...surroundings, requests: options.requests });

  const connections = new Connections();
  const dispatch = (request: IncomingMessage, response: ServerResponse) => {
    connections.used(request.socket);
    noteAnswer(request, response);
    // Whoever asks while this server goes shall not ask again here.
    if (closing.signal.aborted) response.shouldKeepAlive = false;
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
  const plain: PlainListener = (request, response) => {
    connections.used(request.socket);
    if (closing.signal.aborted) response.shouldKeepAlive = false;
    return surfaceOf(request.url) === 'gateway' && gateway.plain(request, response);
  };
  let servers: Server[] = [];
  let closed: Promise<void> | undefined;
  return {
    get address() {
      return servers.some((server) => typeof server.address() === 'object') ? httpAddress(servers, options.host) : null;
    },
    figures: surroundings,
    async listenInside(inner) {
      const server = newServer(limits, connections, {
        dispatch: (request, response) => {
          if (fromWorker(request, inner)) dispatch(request, response);
          else response.writeHead(403).end();
        },
        upgrade: () => false,
        plain: null,
      });
      servers = [await listenOnSocket(server, inner.path)];
    },
    async listen() {
      const listening = { dispatch, upgrade, plain };
      servers = await listenOn(options.host, options.port, () => newServer(limits, connections, listening));
      return httpAddress(servers, options.host);
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
  const meters = new CallMeters(cloud);
  const services = new ServiceMeters();
  services.expose(meters.registry);
  const audit = new AuditTrail({
    record: (data, context) => cloud.recordRequest(data, context),
    logger,
    now,
  });
  return {
    cloud,
    logger,
    limits,
    limiter: new LoginLimiter(now),
    denied,
    traffic: new Traffic(now),
    meters,
    services,
    audit,
    workforce: options.workforce ?? noWorkforce,
    ...gatewayFolders(dataFolder),
    logFolder: path.join(dataFolder, 'logs'),
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
