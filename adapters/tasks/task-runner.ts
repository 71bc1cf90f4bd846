import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { Container } from '../../projections/containers.ts';
import type { OpenTask } from '../../projections/tasks.ts';
import { addressOf, transportOf } from '../agents/agent-address.ts';
import type { TaskCall, TaskReply } from '../http/cloud-port.ts';
import type { World } from '../pipeline/world.ts';
import type { Balancer } from './balancer.ts';
import type { Deliver } from './deliver.ts';
import { keyReused, mustBeSame } from './earlier-call.ts';
import { enqueuedDraft } from './enqueued-draft.ts';
import { Flight } from './flight.ts';
import type { ContainerLoad } from './load.ts';
import { refuseEndless } from './no-room.ts';
import { Performer } from './performer.ts';
import { Places } from './places.ts';
import type { TaskStore } from './task-store.ts';

export interface CallOptions {
  /** The same key and call run once. */
  readonly idempotencyKey?: string | undefined;
  /** Who talks to the agent; this process's own transports where absent. */
  readonly deliver?: Deliver | undefined;
}

/** A call whose `task.enqueued` is durable. */
export interface Accepted {
  readonly taskId: string;
  /** Rejects only when the log does not take the outcome, for example because the server stops. Need not be awaited. */
  readonly outcome: Promise<TaskReply>;
}

type Enqueued = Extract<PloinkyEvent, { type: 'task.enqueued' }>;

/**
 * Accepts calls, hands them to agents and stores what came of them. What there is no place for is refused before anything is
 * stored.
 */
export class TaskRunner {
  /** Of calls and of requests that are passed on: who has a container busy enters and leaves. */
  readonly load: ContainerLoad;
  /** Which container gets the next call or request. */
  readonly balancer: Balancer;
  readonly #world: World;
  readonly #store: TaskStore;
  readonly #places: Places;
  readonly #performer: Performer;

  constructor(world: World, store: TaskStore, newId: () => string) {
    this.#world = world;
    this.#store = store;
    this.#places = new Places(world, newId);
    this.#performer = new Performer(world, store, this.#places);
    this.load = this.#places.load;
    this.balancer = this.#places.balancer;
  }

  /** How many calls of a deployment run, and how many wait for their turn. */
  standing(deployment: string): { readonly running: number; readonly waiting: number } {
    return this.#places.standing(deployment);
  }

  /** Calls that a container is busy with, or whose outcome is not durable yet. */
  underWayIn(container: string): number {
    const running = this.load.runningIn(container);
    if (running > 0) return running;
    let open = 0;
    for (const task of this.#world.views.tasks.values()) if (task.container === container) open += 1;
    return open;
  }

  /** `enqueued` durable → agent → outcome durable → reply. Overload is refused before anything is stored. */
  async call(call: TaskCall, origin: Origin, options: CallOptions = {}): Promise<TaskReply> {
    const flight = this.#places.admit(call, origin, options.deliver);
    const earlier = await this.#enqueue(flight, options.idempotencyKey);
    // Awaited: a promise that is returned takes a longer way, which is felt in every call.
    if (!earlier) return await this.#performer.perform(flight);
    await mustBeSame(this.#store, call, earlier);
    return await this.#outcomeOf(earlier.taskId);
  }

  /** As `call`, but resolves once the call is durable. */
  async accept(call: TaskCall, origin: Origin, options: CallOptions = {}): Promise<Accepted> {
    const flight = this.#places.admit(call, origin, options.deliver);
    const earlier = await this.#enqueue(flight, options.idempotencyKey);
    if (!earlier) return accepted(flight.taskId, this.#performer.perform(flight));
    await mustBeSame(this.#store, call, earlier);
    return accepted(earlier.taskId, this.#outcomeOf(earlier.taskId));
  }

  /**
   * Many calls of one deployment, all accepted or none, with one append. Resolves once they are durable, in their order.
   * With an Idempotency-Key that came before: those of then.
   */
  async acceptAll(
    calls: readonly TaskCall[],
    origin: Origin,
    { idempotencyKey, deliver }: CallOptions = {},
  ): Promise<readonly Accepted[]> {
    const flights: Flight[] = [];
    const [first] = calls;
    const idle = first !== undefined && this.#places.idle(first.deployment);
    const withdraw = () => {
      for (const flight of flights) this.#places.withdraw(flight);
    };
    let stored: readonly PloinkyEvent[];
    try {
      for (const call of calls) flights.push(this.#places.admit(call, origin, deliver));
      const drafts = flights.map(enqueuedDraft);
      stored = await this.#store.append(drafts, origin, idempotencyKey === undefined ? {} : { idempotencyKey });
    } catch (error) {
      withdraw();
      if (isPloinkyError(error, 'OVERLOADED'))
        refuseEndless(calls, this.#world.settings(), idle ? flights.length : null);
      throw error;
    }
    const events = stored.flatMap((event) => (event.type === 'task.enqueued' ? [event] : []));
    if (events.length === flights.length && events[0]?.data.taskId === flights[0]?.taskId) {
      for (const [i, flight] of flights.entries()) this.#took(flight, events[i] as Enqueued);
      return flights.map((flight) => accepted(flight.taskId, this.#performer.perform(flight)));
    }
    withdraw();
    if (events.length !== calls.length || stored.length !== calls.length) throw keyReused();
    for (const [i, call] of calls.entries()) await mustBeSame(this.#store, call, (events[i] as Enqueued).data);
    return events.map(({ data }) => accepted(data.taskId, this.#outcomeOf(data.taskId)));
  }

  /**
   * Takes a task back. One that waits ends at once and never runs; for one that runs the agent is asked to drop it, and what
   * the agent then says counts. False when none of that id is under way.
   */
  async cancel(taskId: string, actor: string): Promise<boolean> {
    const flight = this.#performer.find(taskId);
    if (!flight) return false;
    if (!flight.started) {
      const back = new PloinkyError('TASK_CANCELLED', `Taken back by ${actor} before it ran.`);
      if (!flight.takeTurn(back)) flight.takenBack ??= back;
      return true;
    }
    const { container } = flight;
    if (!container) return false;
    flight.cancelledBy = actor;
    await transportOf(this.#world, container).cancel(await addressOf(this.#world, container), taskId);
    return true;
  }

  /** The outcome of a task that is under way; undefined when none of that id is. */
  underWay(taskId: string): Promise<TaskReply> | undefined {
    return this.#performer.find(taskId)?.outcome ?? undefined;
  }

  /**
   * Takes up a task that a former run of the server left open. Its place is taken at once. Resolves when it has its outcome.
   * @param container that has it or is to get it; null when it waited and nobody has it
   * @param timeLeft milliseconds for the agent, or why there is nothing to wait for; must not reject
   */
  takeUp(
    open: OpenTask,
    container: Container | null,
    timeLeft: number | Promise<number | PloinkyError>,
  ): Promise<TaskReply> {
    const { taskId, deployment, command, runForUserId, timeoutMs, priority, callback, trace } = open;
    const call = { deployment, command, params: [], runForUserId, timeoutMs, priority, callback, metadata: {} };
    const age = Math.max(0, this.#world.now() - Date.parse(open.enqueuedAt));
    const lane = this.#places.laneOf(deployment);
    const origin = { actor: 'system:tasks', cause: null, trace };
    const flight = new Flight(taskId, call, origin, lane, performance.now() - age);
    flight.cause = open.lastEvent;
    flight.stored = open.params;
    flight.waited = true;
    flight.timeLeft = timeLeft;
    this.#performer.takeOn(flight);
    flight.started = open.container !== null;
    if (container) this.#places.occupy(flight, container);
    return this.#performer.perform(flight);
  }

  /** Something changed that calls may wait for: a container that serves, a setting, the end of a deployment. */
  wake(): void {
    this.#places.wake();
  }

  /** Once the log takes nothing more: what waits for its turn stays open there, and is taken up by the next start. */
  close(): void {
    this.#performer.close();
  }

  /** Makes the call durable. Resolves with the call that came before under the same key, if one did. */
  async #enqueue(flight: Flight, key: string | undefined): Promise<Enqueued['data'] | null> {
    let enqueued: PloinkyEvent | undefined;
    try {
      const drafts = [enqueuedDraft(flight)];
      [enqueued] = await this.#store.append(drafts, flight.origin, key === undefined ? {} : { idempotencyKey: key });
      if (enqueued?.type !== 'task.enqueued') throw keyReused();
    } catch (error) {
      this.#places.withdraw(flight);
      throw error;
    }
    if (enqueued.data.taskId === flight.taskId) {
      this.#took(flight, enqueued);
      return null;
    }
    this.#places.withdraw(flight);
    return enqueued.data;
  }

  #took(flight: Flight, { id, data }: Enqueued): void {
    flight.cause = id;
    if (flight.waited) {
      flight.stored = data.params;
      flight.call = { ...flight.call, params: [] };
    }
    this.#performer.takeOn(flight);
  }

  #outcomeOf(taskId: string): Promise<TaskReply> {
    return this.underWay(taskId) ?? this.#store.outcomeOf(taskId);
  }
}

function accepted(taskId: string, outcome: Promise<TaskReply>): Accepted {
  // Who only wants to know that it was accepted never looks at it.
  outcome.catch(() => {});
  return { taskId, outcome };
}
