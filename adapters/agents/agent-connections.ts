import type { NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { Pool } from 'undici';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { AgentAddress } from './agent-port.ts';
import { TaskStream } from './task-stream.ts';

/**
 * Calls at one time to one container; more wait here. A container may have as few as 1,024 file descriptors, and its
 * handlers need some of them.
 */
const connections = 512;
const connectMs = 5_000;
/** After this the descriptors are worth more than the connect that is saved. */
const idleMs = 30_000;
/** Of one answer. AgentCore itself refuses half of this. */
export const answerLimit = 64 * 1024 * 1024;

/** What is open to one agent: a stream for tasks, and a pool of HTTP connections for everything else. */
export interface Ways {
  readonly pool: Pool;
  /** Null where the agent takes tasks over HTTP alone. Rejects with the system's error when it does not listen. */
  stream(): Promise<TaskStream | null>;
}

/** Kept-alive connections by agent. */
export class AgentConnections {
  #closed = false;
  readonly #pools = new Map<string, { ways: AgentWays; idle: NodeJS.Timeout | null; busy: number }>();

  /** Runs one exchange; the pool of an agent is closed when nothing was said for a while. */
  async use<T>(address: AgentAddress, exchange: (ways: Ways) => Promise<T>): Promise<T> {
    if (this.#closed) throw new PloinkyError('AGENT_UNREACHABLE', 'The server is closing its connections to agents.');
    const key = address.tcp ? `${address.tcp.host}:${address.tcp.port}` : address.runFolder;
    const entry = this.#pools.get(key) ?? { ways: new AgentWays(address), idle: null, busy: 0 };
    this.#pools.set(key, entry);
    if (entry.idle) clearTimeout(entry.idle);
    entry.idle = null;
    entry.busy++;
    try {
      return await exchange(entry.ways);
    } finally {
      entry.busy--;
      if (entry.busy === 0) entry.idle = setTimeout(() => this.#retire(key), idleMs).unref();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(
      pools.map(({ ways, idle }) => {
        if (idle) clearTimeout(idle);
        return ways.destroy();
      }),
    );
  }

  #retire(key: string): void {
    const entry = this.#pools.get(key);
    if (!entry || entry.busy > 0) return;
    this.#pools.delete(key);
    void entry.ways.close();
  }
}

class AgentWays implements Ways {
  readonly pool: Pool;
  readonly #address: AgentAddress;
  #opening: Promise<TaskStream | null> | null = null;
  #open: TaskStream | null = null;

  constructor(address: AgentAddress) {
    this.#address = address;
    this.pool = poolFor(address);
  }

  stream(): Promise<TaskStream | null> {
    if (this.#open && !this.#open.usable) {
      this.#open = null;
      this.#opening = null;
    }
    this.#opening ??= TaskStream.open(placeOf(this.#address), connectMs, answerLimit).then(
      (stream) => {
        this.#open = stream;
        return stream;
      },
      (error: unknown) => {
        this.#opening = null;
        throw error;
      },
    );
    return this.#opening;
  }

  async close(): Promise<void> {
    this.#open?.retire();
    await this.pool.close();
  }

  async destroy(): Promise<void> {
    this.#open?.destroy();
    await this.pool.destroy();
  }
}

function placeOf({ runFolder, tcp }: AgentAddress): NetConnectOpts {
  return tcp
    ? { host: tcp.host, port: tcp.port, keepAlive: true, noDelay: true }
    : { path: join(runFolder, 'agent.sock') };
}

function poolFor({ runFolder, tcp }: AgentAddress): Pool {
  const origin = tcp ? `http://${tcp.host.includes(':') ? `[${tcp.host}]` : tcp.host}:${tcp.port}` : 'http://agent';
  return new Pool(origin, {
    connections,
    pipelining: 1,
    // A task's time is kept by the agent and by the signal of the call.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: answerLimit,
    connectTimeout: connectMs,
    ...(tcp ? {} : { socketPath: join(runFolder, 'agent.sock') }),
  });
}
