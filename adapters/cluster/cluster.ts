import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Cloud } from '../cloud/cloud.ts';
import type { HttpAddress } from '../http/http-address.ts';
import { createHttpServer, type HttpServerOptions } from '../http/http-server.ts';
import type { InnerSocket } from '../http/inner-socket.ts';
import { defaultLimits } from '../http/limits.ts';
import type { Paths } from '../pipeline/paths.ts';
import type { Feed } from './feed.ts';
import { captureFollowed } from './followed-state.ts';
import { FrontDoor } from './front-door.ts';
import type { SpawnWorker } from './spawn-worker.ts';
import { Workers } from './workers.ts';

export interface ClusterOptions extends Omit<HttpServerOptions, 'cloud' | 'workforce'> {
  readonly cloud: Cloud;
  readonly count: number;
  /** Folder that is served, absolute. */
  readonly dir: string;
  readonly paths: Paths;
  /** The one that the cloud publishes to. */
  readonly feed: Feed;
  readonly spawn: SpawnWorker;
}

export interface Cluster {
  readonly address: HttpAddress;
  /** No new connections; answers under way are finished, in workers and here. */
  close(): Promise<void>;
}

/** Workers need a moment more than connections to close their own files. */
const goodbyeMs = 2_000;

/**
 * A server of several processes. This one has the port, the log, the world and the management interface; workers take
 * the requests. Resolves when it listens and a worker serves.
 * @throws PloinkyError PORT_IN_USE, BIND_REFUSED; an Error when no worker comes up
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { cloud, count, dir, paths, feed, spawn, logger, now = Date.now } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const inner: InnerSocket = { path: join(paths.runRoot, 'server.sock'), token: randomBytes(32).toString('hex') };
  let workers: Workers | undefined;
  const http = await createHttpServer({
    ...options,
    // Connections of workers, each of which carries the requests of many.
    limits: { ...options.limits, maxConnections: Number.POSITIVE_INFINITY },
    workforce: { list: () => workers?.list() ?? [], counted: async () => workers?.counted() },
  });
  const { traffic, meters, denied, services, audit } = http.figures;
  workers = new Workers({
    count,
    maxConnections: limits.maxConnections,
    logger,
    spawn,
    feed,
    now,
    meters,
    delivers: process.platform === 'linux',
    begin: () => {
      const captured = captureFollowed(cloud.running().store);
      return { t: 'begin', dir, version: cloud.version, limits, inner, ...captured };
    },
    acceptTasks: (calls, context, deliver) => cloud.acceptTasks(calls, context, deliver),
    callTask: (call, context, deliver) => cloud.callTask(call, context, deliver),
    counted: ({ requests, services: passed }) => {
      for (const { status, count: times, totalMs } of requests) traffic.add(status, times, totalMs);
      for (const one of passed) services.add(one);
    },
    audited: (request) => audit.note(request),
    denied: ({ method, route, reason, count: times }) => denied.note(method, route, reason, times),
  });
  const crew = workers;
  options.requests?.followElsewhere((container, signal) => crew.idle(container, signal));
  const door = new FrontDoor((socket) => crew.offer(socket));
  const close = async () => {
    door.close();
    // Streams of the management interface end here, and only then can the workers that pass them on.
    const closed = http.close();
    await crew.close(limits.closeGraceMs + goodbyeMs);
    await closed;
  };
  try {
    await http.listenInside(inner);
    // Both at once: what connects before a worker is there waits for it.
    const [address] = await Promise.all([door.listen(options.host, options.port), crew.start()]);
    return { address, close };
  } catch (error) {
    await close();
    throw error;
  }
}
