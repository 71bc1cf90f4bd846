import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { Container } from '../../projections/containers.ts';
import { refuseWeb } from '../agents/agent-address.ts';
import type { TaskCall } from '../http/cloud-port.ts';
import type { World } from '../pipeline/world.ts';
import { Balancer } from './balancer.ts';
import type { Deliver } from './deliver.ts';
import { Flight } from './flight.ts';
import { Lane } from './lane.ts';
import { ContainerLoad } from './load.ts';
import { overloaded } from './no-room.ts';

/**
 * Who may run now, and in which container. A deployment runs so many calls at one time as the setting maxConcurrentTasks and the
 * manifests' `concurrency` allow; maxQueuedTasks more wait in its lane. A call that waits has no container: the first that has
 * room when its turn comes gets it.
 */
export class Places {
  /** Of calls and of requests that are passed on: who has a container busy enters and leaves. */
  readonly load: ContainerLoad;
  /** Which container gets the next call or request. */
  readonly balancer: Balancer;
  readonly #world: World;
  readonly #newId: () => string;
  readonly #lanes = new Map<string, Lane<Flight>>();

  /** @param newId of a call */
  constructor(world: World, newId: () => string) {
    this.#world = world;
    this.#newId = newId;
    this.load = new ContainerLoad(world.views);
    this.balancer = new Balancer(world, (container) => this.load.running(container));
  }

  /** How many calls of a deployment run, and how many wait for their turn. */
  standing(deployment: string): { readonly running: number; readonly waiting: number } {
    const lane = this.#lanes.get(deployment);
    return { running: lane?.running ?? 0, waiting: lane?.waiting ?? 0 };
  }

  /** Nothing of it runs or waits. */
  idle(deployment: string): boolean {
    return this.#lanes.get(deployment)?.idle ?? true;
  }

  /** Finds a place for the call. @throws PloinkyError DEPLOYMENT_NOT_FOUND, AGENT_UNREACHABLE, OVERLOADED */
  admit(call: TaskCall, origin: Origin, deliver: Deliver | undefined): Flight {
    const { deployment } = call;
    const container = this.balancer.pick(deployment);
    refuseWeb(container);
    const lane = this.laneOf(deployment);
    const { maxConcurrentTasks, maxQueuedTasks } = this.#world.settings();
    const flight = new Flight(this.#newId(), call, origin, lane, performance.now(), deliver);
    flight.release = container.release;
    if (lane.waiting === 0 && lane.running < maxConcurrentTasks && this.load.hasRoom(container)) {
      this.occupy(flight, container);
      return flight;
    }
    if (lane.waiting >= maxQueuedTasks) throw overloaded(deployment, lane, flight.begun);
    flight.waited = true;
    lane.promise();
    return flight;
  }

  /** Takes a place in the container, whether there is room or not. */
  occupy(flight: Flight, container: Container): void {
    flight.container = container;
    flight.lane.begin();
    this.load.enter(container);
  }

  /** It is not accepted after all. */
  withdraw(flight: Flight): void {
    const { lane, container } = flight;
    if (container === null) {
      lane.forgo();
      return;
    }
    this.load.leave(container);
    lane.withdraw();
    if (lane.waiting > 0) this.dispatch(flight.call.deployment, lane);
  }

  /** It has ended: its place is for the next one. */
  end(flight: Flight): void {
    const { lane, container } = flight;
    if (container === null) return;
    this.load.leave(container);
    lane.end(performance.now());
    if (lane.waiting > 0) this.dispatch(flight.call.deployment, lane);
  }

  /** Something changed that calls may wait for: a container that serves, a setting, the end of a deployment. */
  wake(): void {
    for (const [deployment, lane] of this.#lanes) {
      if (lane.waiting > 0) this.dispatch(deployment, lane);
      else if (lane.idle && !this.#world.views.deployments.has(deployment)) this.#lanes.delete(deployment);
    }
  }

  /** Gives those their turn for whom there is room now. */
  dispatch(deployment: string, lane: Lane<Flight>): void {
    const { maxConcurrentTasks } = this.#world.settings();
    while (lane.running < maxConcurrentTasks) {
      const flight = lane.first();
      if (!flight) return;
      let container: Container;
      try {
        container = this.balancer.pick(deployment);
      } catch (error) {
        // What does not serve at the moment may serve again before their time is up.
        if (!isPloinkyError(error, 'DEPLOYMENT_NOT_FOUND')) return;
        flight.takeTurn(new PloinkyError('TASK_NOT_STARTED', `${deployment} was removed while the task waited.`));
        continue;
      }
      if (!this.load.hasRoom(container)) return;
      this.occupy(flight, container);
      flight.takeTurn(container);
    }
  }

  laneOf(deployment: string): Lane<Flight> {
    const known = this.#lanes.get(deployment);
    if (known) return known;
    const lane = new Lane<Flight>();
    this.#lanes.set(deployment, lane);
    return lane;
  }
}
