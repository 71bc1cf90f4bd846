import { addressOf, transportOf } from '../../adapters/agents/agent-address.ts';
import { followingStore } from '../../adapters/cluster/followed-state.ts';
import type { Begin, FromWorker, ToWorker } from '../../adapters/cluster/messages.ts';
import type { WorkerEvents, WorkerLink } from '../../adapters/cluster/spawn-worker.ts';
import { WorkerCloud } from '../../adapters/cluster/worker-cloud.ts';
import { RequestsUnderWay } from '../../adapters/pipeline/requests-under-way.ts';
import type { Simulation } from '../simulation.ts';
import { Gateway } from './gateway.ts';
import { paths } from './place.ts';

const heartbeatMs = 1_000;

/** Messages arrive in their order, each a while after it was sent, and none at or from one that is gone. */
class OneWay<Message extends object> {
  readonly #simulation: Simulation;
  readonly #life: number;
  readonly #hear: (message: Message) => void;
  #last = 0;
  /** Nothing arrives before then. */
  notBefore = 0;

  constructor(simulation: Simulation, hear: (message: Message) => void) {
    this.#simulation = simulation;
    this.#life = simulation.ground.life;
    this.#hear = hear;
  }

  send(message: Message): void {
    const { ground } = this.#simulation;
    const { time, random } = ground;
    const text = JSON.stringify(message);
    this.#last = Math.max(this.#last, time.now + random.between(0.05, 3), this.notBefore);
    time.after(this.#last - time.now, () => {
      if (ground.life === this.#life && !ground.down) this.#hear(JSON.parse(text) as Message);
    });
  }
}

/**
 * A worker of a cluster: the state that it follows, its calls and its way to services are the product's own. What is not
 * here is its process and its HTTP: whoever would have sent it a connection hands it what was asked.
 */
export class SimulatedWorker implements WorkerLink {
  readonly pid: number;
  cloud: WorkerCloud | null = null;
  gateway: Gateway | null = null;
  readonly #simulation: Simulation;
  readonly #events: WorkerEvents;
  readonly #to: OneWay<ToWorker>;
  readonly #from: OneWay<FromWorker>;
  readonly #requests = new RequestsUnderWay();
  readonly #closing = new AbortController();
  #heartbeat: NodeJS.Timeout | undefined;
  #alive = true;

  constructor(simulation: Simulation, events: WorkerEvents) {
    simulation.lastPid += 1;
    this.pid = simulation.lastPid;
    this.#simulation = simulation;
    this.#events = events;
    this.#to = new OneWay(simulation, (message) => this.#alive && this.#hear(message));
    this.#from = new OneWay(simulation, (message) => events.message(message));
  }

  /** It lives, and the system lets it run. */
  get runs(): boolean {
    return this.#alive && this.#simulation.ground.time.now >= this.#to.notBefore;
  }

  readonly send = (message: ToWorker): void => this.#to.send(message);

  hand(): void {
    throw new Error('no connections are handed over in a simulated world');
  }

  readonly kill = (): void => this.end('by SIGKILL');

  end(how: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    clearInterval(this.#heartbeat);
    this.gateway?.close();
    const { ground } = this.#simulation;
    const { life } = ground;
    ground.tell(`a worker ends ${how}`);
    // What it said before is heard before its end.
    ground.time.after(ground.random.between(3, 30), () => {
      if (ground.life === life && !ground.down) this.#events.exit(how);
    });
  }

  /** It does nothing for a while, as a process that the system does not let run. */
  stall(ms: number): void {
    const { time } = this.#simulation.ground;
    this.#to.notBefore = time.now + ms;
    this.#from.notBefore = time.now + ms;
  }

  #hear(message: ToWorker): void {
    if (message.t === 'begin') this.#begin(message);
    else if (message.t === 'count') this.#count(message.n);
    else if (message.t === 'untilIdle') void this.#untilIdle(message);
    else if (message.t === 'drain') this.end('as it was told');
    else this.cloud?.take(message);
  }

  #count(n: number): void {
    this.#say({ t: 'counted', n, requests: [], services: [] });
  }

  async #untilIdle({ n, container }: Extract<ToWorker, { t: 'untilIdle' }>): Promise<void> {
    await this.#requests.idle(container, this.#closing.signal).catch(() => {});
    this.#say({ t: 'idle', n });
  }

  #begin(begin: Begin): void {
    const simulation = this.#simulation;
    const store = followingStore(begin);
    const book = { paths, engines: { get: () => Promise.reject(new Error('a worker knows no engine')) } };
    this.cloud = new WorkerCloud({
      store,
      send: (message) => this.#say(message),
      callAgent: async (container, task, signal) => {
        const address = await addressOf(book, container);
        return transportOf(simulation, container).call(address, task, signal);
      },
      onSettings: () => {},
      onDefect: (error) => simulation.ground.fail('nothing-thrown', `in a worker: ${(error as Error).stack}`),
    });
    const { cloud } = this;
    this.gateway = new Gateway(simulation, {
      views: () => cloud.views(),
      settings: () => cloud.settings(),
      requests: this.#requests,
    });
    this.#heartbeat = setInterval(() => this.#count(0), heartbeatMs);
    this.#say({ t: 'folded', seq: store.seq });
  }

  #say(message: FromWorker): void {
    if (this.#alive) this.#from.send(message);
  }
}
