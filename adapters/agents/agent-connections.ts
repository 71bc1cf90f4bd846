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

interface Entry {
  readonly ways: AgentWays;
  busy: number;
  /** Looks of the sweep since something was said. */
  quiet: number;
}

/** Kept-alive connections by agent. */
export class AgentConnections {
  #closed = false;
  readonly #entries = new Map<string, Entry>();
  /** One for all agents: a timer for each pause of a conversation would be set at every call. */
  #sweep: NodeJS.Timeout | null = null;

  /** The stream of an agent that is open already. */
  openStream(address: AgentAddress): TaskStream | null {
    const entry = this.#entries.get(keyOf(address));
    if (!entry) return null;
    entry.quiet = 0;
    return entry.ways.openStream;
  }

  /** Runs one exchange; what is open to an agent is closed when nothing was said for a while. */
  async use<T>(address: AgentAddress, exchange: (ways: Ways) => Promise<T>): Promise<T> {
    if (this.#closed) throw new PloinkyError('AGENT_UNREACHABLE', 'The server is closing its connections to agents.');
    const key = keyOf(address);
    const entry = this.#entries.get(key) ?? { ways: new AgentWays(address), busy: 0, quiet: 0 };
    this.#entries.set(key, entry);
    this.#sweep ??= setInterval(() => this.#retireIdle(), idleMs / 2).unref();
    entry.busy++;
    try {
      return await exchange(entry.ways);
    } finally {
      entry.busy--;
      entry.quiet = 0;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#sweep) clearInterval(this.#sweep);
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(entries.map(({ ways }) => ways.destroy()));
  }

  #retireIdle(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.busy > 0 || entry.ways.openStream?.busy) entry.quiet = 0;
      entry.quiet += 1;
      if (entry.quiet <= 2) continue;
      this.#entries.delete(key);
      void entry.ways.close();
    }
    if (this.#entries.size > 0 || !this.#sweep) return;
    clearInterval(this.#sweep);
    this.#sweep = null;
  }
}

function keyOf({ runFolder, tcp }: AgentAddress): string {
  return tcp ? `${tcp.host}:${tcp.port}` : runFolder;
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

  get openStream(): TaskStream | null {
    return this.#open?.usable ? this.#open : null;
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
