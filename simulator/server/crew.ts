import type { RunningCloud } from '../../adapters/cloud/running-cloud.ts';
import { Feed } from '../../adapters/cluster/feed.ts';
import { captureFollowed, followedTypes } from '../../adapters/cluster/followed-state.ts';
import { Workers } from '../../adapters/cluster/workers.ts';
import type { RequestContext } from '../../adapters/http/cloud-port.ts';
import { defaultLimits } from '../../adapters/http/limits.ts';
import type { RequestsUnderWay } from '../../adapters/pipeline/requests-under-way.ts';
import type { Logger } from '../../adapters/pipeline/world.ts';
import type { Simulation } from '../simulation.ts';
import { folder } from './place.ts';
import { SimulatedWorker } from './worker.ts';

/** The workers of one life of the server, begun as `startCluster` begins them, without its port. */
export class Crew {
  readonly feed = new Feed(followedTypes);
  readonly #simulation: Simulation;
  readonly #workers: SimulatedWorker[] = [];
  #crew: Workers | null = null;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** Those that serve, as far as the owner of the log knows, and that take what they are given. */
  get serving(): readonly SimulatedWorker[] {
    const pids = new Set((this.#crew?.list() ?? []).flatMap(({ pid, serving }) => (serving ? pid : [])));
    return this.#workers.filter(({ pid, runs }) => runs && pids.has(pid));
  }

  begin(count: number, cloud: RunningCloud, requests: RequestsUnderWay, logger: Logger): void {
    const simulation = this.#simulation;
    const originOf = ({ actor, trace }: RequestContext) => ({ actor, trace, cause: null });
    const crew = new Workers({
      count,
      maxConnections: Number.POSITIVE_INFINITY,
      logger,
      spawn: (events) => {
        const worker = new SimulatedWorker(simulation, events);
        this.#workers.push(worker);
        return worker;
      },
      feed: this.feed,
      now: () => simulation.ground.time.wall(),
      meters: { begun: () => {}, ended: () => {} },
      delivers: true,
      begin: () => ({
        t: 'begin',
        dir: folder,
        version: '0.0.0',
        limits: defaultLimits,
        inner: { path: '', token: '' },
        ...captureFollowed(cloud.store),
      }),
      callTask: (call, context, deliver) => cloud.tasks.call(call, originOf(context), { deliver }),
      acceptTasks: (calls, context, deliver) => cloud.tasks.acceptAll(calls, originOf(context), { deliver }),
      counted: () => {},
      audited: () => {},
      denied: () => {},
    });
    this.#crew = crew;
    requests.followElsewhere((container, signal) => crew.idle(container, signal));
    void crew.start().catch((error: unknown) => {
      simulation.ground.tell(`no worker came up: ${(error as Error).message}`);
    });
  }
}
