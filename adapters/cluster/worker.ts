import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Settings } from '../../core/settings/settings.ts';
import { addressOf, transportOf } from '../agents/agent-address.ts';
import type { AgentTransport } from '../agents/agent-port.ts';
import { DeniedAccess } from '../http/auth/denied-access.ts';
import type { GatewaySurroundings } from '../http/gateway/gateway-surroundings.ts';
import { gatewayFolders } from '../http/gateway/gateway-surroundings.ts';
import { ServiceMeters } from '../http/traffic/service-meters.ts';
import type { Paths } from '../pipeline/paths.ts';
import { RequestsUnderWay } from '../pipeline/requests-under-way.ts';
import { Channel } from './channel.ts';
import { followingStore } from './followed-state.ts';
import { InnerDoor } from './inner-door.ts';
import type { Begin, FromWorker, ToWorker } from './messages.ts';
import { RequestCounts } from './request-counts.ts';
import { WorkerCloud } from './worker-cloud.ts';
import { WorkerServer } from './worker-server.ts';

/** What the wiring of a worker hands in. */
export interface WorkerParts {
  /** To the process that owns the log. */
  readonly channel: Duplex;
  /** Tells of connections that were accepted there; undefined when one was gone before it came here. */
  readonly connections: (take: (id: number, socket: Socket | undefined) => void) => void;
  readonly paths: (dir: string) => Paths;
  readonly logger: (paths: Paths, settings: () => Settings) => WorkerLogger;
  readonly transports: { readonly http: AgentTransport; readonly queue: AgentTransport };
  /** Ends this process. Nothing is left to be done. */
  readonly exit: (code: number) => void;
}

export interface WorkerLogger {
  readonly logger: Logger;
  close(): Promise<void>;
}

const countEveryMs = 1_000;

/**
 * Takes requests at agents' addresses, beside a process that owns the log. It ends when that one does: then nobody could
 * make a call durable, and what an answer says would not be so.
 */
export function runWorker(parts: WorkerParts): void {
  let running: RunningWorker | undefined;
  let early: [number, Socket | undefined][] = [];
  const channel: Channel<ToWorker, FromWorker> = new Channel<ToWorker, FromWorker>(
    parts.channel,
    (message) => {
      if (message.t === 'begin') {
        running = new RunningWorker(parts, channel, message);
        for (const [id, socket] of early) running.connection(id, socket);
        early = [];
      } else running?.take(message);
    },
    () => parts.exit(0),
  );
  parts.connections((id, socket) => {
    if (running) running.connection(id, socket);
    else early.push([id, socket]);
  });
}

class RunningWorker {
  readonly #parts: WorkerParts;
  readonly #channel: Channel<ToWorker, FromWorker>;
  readonly #cloud: WorkerCloud;
  readonly #server: WorkerServer;
  readonly #inner: InnerDoor;
  readonly #log: WorkerLogger;
  readonly #denied: DeniedAccess;
  readonly #counts = new RequestCounts();
  readonly #services = new ServiceMeters();
  readonly #requests = new RequestsUnderWay();
  /** Until the process that owns the log is told. */
  readonly #closing = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(parts: WorkerParts, channel: Channel<ToWorker, FromWorker>, begin: Begin) {
    this.#parts = parts;
    this.#channel = channel;
    const paths = parts.paths(begin.dir);
    this.#log = parts.logger(paths, () => this.#cloud.settings());
    const { logger } = this.#log;
    const store = followingStore(begin);
    const send = (message: FromWorker) => channel.send(message);
    const book = { paths, engines: { get: noEngines } };
    this.#cloud = new WorkerCloud({
      store,
      send,
      callAgent: async (container, task, signal) => {
        const address = await addressOf(book, container);
        return transportOf(parts, container).call(address, task, signal);
      },
      onSettings: ({ logLevel }) => {
        logger.level = logLevel;
      },
      onDefect: (error) => logger.error({ err: error }, 'a call failed in an unexpected way'),
    });
    logger.level = this.#cloud.settings().logLevel;
    this.#denied = new DeniedAccess((denial) => send({ t: 'denied', denial }));
    this.#inner = new InnerDoor(begin.inner);
    this.#server = new WorkerServer(this.#surroundings(begin, paths, logger), this.#inner, () => send({ t: 'left' }));
    this.#heartbeat = setInterval(() => this.#count(0), countEveryMs);
    send({ t: 'folded', seq: store.seq });
  }

  connection(id: number, socket: Socket | undefined): void {
    this.#channel.send({ t: 'took', id });
    if (socket) this.#server.take(socket);
    else this.#channel.send({ t: 'left' });
  }

  take(message: Exclude<ToWorker, Begin>): void {
    if (message.t === 'count') this.#count(message.n);
    else if (message.t === 'drain') void this.#drain();
    else if (message.t === 'untilIdle') void this.#untilIdle(message);
    else this.#cloud.take(message);
  }

  async #untilIdle({ n, container }: Extract<ToWorker, { t: 'untilIdle' }>): Promise<void> {
    await this.#requests.idle(container, this.#closing.signal).catch(() => {});
    this.#channel.send({ t: 'idle', n });
  }

  #count(n: number): void {
    this.#channel.send({ t: 'counted', n, requests: this.#counts.take(), services: this.#services.take() });
  }

  async #drain(): Promise<void> {
    this.#cloud.stop();
    this.#closing.abort();
    await this.#server.close();
    clearInterval(this.#heartbeat);
    this.#denied.close();
    this.#inner.close();
    this.#count(0);
    const { http, queue } = this.#parts.transports;
    await Promise.all([http.close(), queue.close(), this.#log.close()]);
    this.#channel.close();
  }

  #surroundings({ limits }: Begin, paths: Paths, logger: Logger): GatewaySurroundings {
    return {
      cloud: this.#cloud,
      logger,
      limits,
      ...gatewayFolders(paths.data),
      denied: this.#denied,
      traffic: this.#counts,
      // Calls are counted where they are made durable.
      meters: { begun: () => {}, ended: () => {} },
      services: this.#services,
      audit: { note: (audited) => this.#channel.send({ t: 'audited', request: audited }) },
      requests: this.#requests,
      closing: this.#closing.signal,
      now: Date.now,
    };
  }
}

async function noEngines(): Promise<never> {
  throw new Error('a worker knows no engine');
}
