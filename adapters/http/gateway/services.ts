import { join } from 'node:path';
import type { Container } from '../../../projections/containers.ts';
import { runFolder, runRootOf, webSocketFile } from '../../pipeline/paths.ts';
import type { UnderWay } from '../../pipeline/requests-under-way.ts';
import { Balancer } from '../../tasks/balancer.ts';
import { Upstream } from '../pass-through/upstream.ts';
import type { UpstreamAddress } from '../pass-through/upstream-connection.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';

interface Known {
  /** Entities are replaced when something of them changed. */
  readonly container: Container;
  readonly upstream: Upstream;
}

/** The web services that run, and the connections to them. */
export class Services implements UnderWay {
  readonly #surroundings: Pick<GatewaySurroundings, 'cloud' | 'dataFolder' | 'now' | 'requests'>;
  readonly #byName = new Map<string, Known>();
  readonly #onLess: () => void;
  #balancer: Balancer | null = null;

  constructor(surroundings: Pick<GatewaySurroundings, 'cloud' | 'dataFolder' | 'now' | 'requests'>) {
    this.#surroundings = surroundings;
    this.#onLess = () => surroundings.requests?.changed();
  }

  /** Where the next request of a deployment goes. @throws PloinkyError DEPLOYMENT_NOT_FOUND, AGENT_UNREACHABLE */
  pick(deployment: string): Upstream {
    this.#balancer ??= this.#newBalancer();
    return this.#of(this.#balancer.pick(deployment));
  }

  #of(container: Container): Upstream {
    const known = this.#byName.get(container.name);
    return known?.container === container ? known.upstream : this.#meet(container, known);
  }

  /** Who gets a request of which nothing could be sent to these; null when no other replica answers. */
  instead(deployment: string, refusing: ReadonlySet<Upstream>): Upstream | null {
    const balancer = this.#balancer;
    if (balancer === null) return null;
    const names = new Set<string>();
    for (const { container, upstream } of this.#byName.values()) {
      if (!refusing.has(upstream)) continue;
      names.add(container.name);
      balancer.refused(container);
    }
    const container = balancer.pickOther(deployment, names);
    return container?.transport === 'web' ? this.#of(container) : null;
  }

  /** Requests and tunnels under way in a container. */
  readonly of = (container: string): number => this.#byName.get(container)?.upstream.busy ?? 0;

  /** Connections that are kept for the next request are closed: the program need not wait for them when it ends. */
  readonly letGo = (container: string): void => this.#byName.get(container)?.upstream.close();

  /** Ends all connections. */
  close(): void {
    for (const { upstream } of this.#byName.values()) upstream.destroy();
    this.#byName.clear();
  }

  #newBalancer(): Balancer {
    const { cloud, now } = this.#surroundings;
    const cloudId = cloud.views().cloud.get('cloud')?.cloudId ?? '';
    const places = {
      get views() {
        return cloud.views();
      },
      cloudId,
      now,
    };
    return new Balancer(places, ({ name }) => this.#byName.get(name)?.upstream.load ?? 0);
  }

  #meet(container: Container, known: Known | undefined): Upstream {
    const address = this.#addressOf(container);
    const same = known !== undefined && sameRun(known.container, container);
    if (!same) {
      known?.upstream.close();
      this.#forgetEnded();
    }
    const answerTimeoutMs = () => this.#surroundings.cloud.settings().serviceTimeoutMs;
    const upstream = same ? known.upstream : new Upstream(address, { answerTimeoutMs, onLess: this.#onLess });
    this.#byName.set(container.name, { container, upstream });
    return upstream;
  }

  #addressOf({ deployment, release, replica, port }: Container): UpstreamAddress {
    if (port !== null) return { host: '127.0.0.1', port };
    const folder = runFolder(runRootOf(this.#surroundings.dataFolder), deployment, release, replica);
    return { socketPath: join(folder, webSocketFile) };
  }

  #forgetEnded(): void {
    const { containers } = this.#surroundings.cloud.views();
    for (const [name, { upstream }] of this.#byName) {
      if (containers.has(name)) continue;
      upstream.close();
      this.#byName.delete(name);
    }
  }
}

/** The same program at the same place: connections to it are still good. */
function sameRun(a: Container, b: Container): boolean {
  return a.engineId === b.engineId && a.attempt === b.attempt && a.port === b.port;
}
