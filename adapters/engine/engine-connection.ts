import type { Agent } from 'node:http';
import type Docker from 'dockerode';
import { withDeadline } from './deadline.ts';
import { engineAgent } from './engine-agent.ts';
import { engineFailure } from './engine-failure.ts';
import type { EngineHost } from './engine-host.ts';

/** For one request that an idle engine answers in milliseconds; generous, as a loaded one does not. */
export const requestMs = 30_000;

/** Key material for an engine that listens on TCP with TLS. */
export interface TlsMaterial {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** dockerode with a deadline on every call and errors in our words. */
export class EngineConnection {
  readonly who: string;
  readonly #docker: Docker;
  readonly #agent: Agent;

  private constructor(who: string, docker: Docker, agent: Agent) {
    this.who = who;
    this.#docker = docker;
    this.#agent = agent;
  }

  /** Does not connect yet. dockerode is loaded only here: it takes 180 ms and 67 packages. */
  static async to(host: EngineHost, who: string, tls: TlsMaterial | null = null): Promise<EngineConnection> {
    const { default: DockerClient } = await import('dockerode');
    const agent = engineAgent(host.kind === 'tcp' && host.secure);
    // Every place that dockerode would otherwise fill from DOCKER_HOST and its relatives is said explicitly.
    const options = {
      agent,
      timeout: undefined,
      pathPrefix: '/',
      socketPath: host.kind === 'unix' ? host.path : undefined,
      host: host.kind === 'tcp' ? host.host : undefined,
      port: host.kind === 'tcp' ? host.port : undefined,
      protocol: host.kind === 'tcp' && host.secure ? ('https' as const) : ('http' as const),
      ca: tls?.ca,
      cert: tls?.cert,
      key: tls?.key,
    };
    return new EngineConnection(who, new DockerClient(options as Docker.DockerOptions), agent);
  }

  /**
   * One request.
   * @param what after "refused to", for example `list containers`
   * @param ms null: only the caller's signal ends it
   * @throws PloinkyError ENGINE_TIMEOUT, ENGINE_UNAVAILABLE, ENGINE_FAILED (its cause is what dockerode threw)
   */
  async ask<T>(
    what: string,
    signal: AbortSignal,
    request: (docker: Docker, abortSignal: AbortSignal) => Promise<T>,
    ms: number | null = requestMs,
  ): Promise<T> {
    try {
      return await withDeadline({ signal, ms, who: this.who, what }, (inner) => request(this.#docker, inner));
    } catch (error) {
      throw engineFailure(this.who, what, error);
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}
