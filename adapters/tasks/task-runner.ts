import { Deadlines } from '../../core/clock/deadlines.ts';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft, PloinkyEvent } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { Container } from '../../projections/containers.ts';
import type { OpenTask } from '../../projections/tasks.ts';
import { addressOf, refuseWeb, transportOf } from '../agents/agent-address.ts';
import type { TaskOutcome } from '../agents/agent-port.ts';
import type { TaskCall, TaskReply } from '../http/cloud-port.ts';
import type { World } from '../pipeline/world.ts';
import { Balancer } from './balancer.ts';
import { conclude } from './conclude.ts';
import type { Deliver } from './deliver.ts';
import { keyReused, mustBeSame } from './earlier-call.ts';
import { enqueuedDraft } from './enqueued-draft.ts';
import { Flight } from './flight.ts';
import { HandOver } from './hand-over.ts';
import { Lane } from './lane.ts';
import { ContainerLoad } from './load.ts';
import { overloaded, refuseEndless } from './no-room.ts';
import { storeTurn } from './store-turn.ts';
import { replyOf } from './task-outcome.ts';

export interface TaskStore {
  /** Stores without waiting for decisions under way: a task's stream is its own. */
  append(
    drafts: readonly PloinkyDraft[],
    origin: Origin,
    options?: { idempotencyKey?: string },
  ): Promise<readonly PloinkyEvent[]>;
  /** What became of a task that was accepted earlier; waits for it while it runs. */
  outcomeOf(taskId: string): Promise<TaskReply>;
  /** The arguments of a task that was accepted earlier. */
  paramsOf(task: { readonly taskId: string; readonly params: unknown }): Promise<readonly unknown[]>;
}

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
 * Accepts calls, hands them to agents and stores what came of them. A deployment runs so many at one time as the setting
 * maxConcurrentTasks and the manifests' `concurrency` allow; maxQueuedTasks more wait in its lane. What is over that is
 * refused before anything is stored. A call that waits has no container: the first that has room when its turn comes gets it.
 */
export class TaskRunner {
  /** Of calls and of requests that are passed on: who has a container busy enters and leaves. */
  readonly load: ContainerLoad;
  /** Which container gets the next call or request. */
  readonly balancer: Balancer;
  readonly #world: World;
  readonly #store: TaskStore;
  readonly #newId: () => string;
  readonly #deadlines = new Deadlines();
  readonly #handOver: HandOver;
  readonly #lanes = new Map<string, Lane<Flight>>();
  readonly #flights = new Map<string, Flight>();

  constructor(world: World, store: TaskStore, newId: () => string) {
    this.#world = world;
    this.#store = store;
    this.#newId = newId;
    this.#handOver = new HandOver(world, store, this.#deadlines);
    this.load = new ContainerLoad(world.views);
    this.balancer = new Balancer(world, (container) => this.load.running(container));
  }

  /** How many calls of a deployment run, and how many wait for their turn. */
  standing(deployment: string): { readonly running: number; readonly waiting: number } {
    const lane = this.#lanes.get(deployment);
    return { running: lane?.running ?? 0, waiting: lane?.waiting ?? 0 };
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
    const flight = this.#admit(call, origin, options.deliver);
    const earlier = await this.#enqueue(flight, options.idempotencyKey);
    // Awaited: a promise that is returned takes a longer way, which is felt in every call.
    if (!earlier) return await this.#perform(flight);
    await mustBeSame(this.#store, call, earlier);
    return await this.#outcomeOf(earlier.taskId);
  }

  /** As `call`, but resolves once the call is durable. */
  async accept(call: TaskCall, origin: Origin, options: CallOptions = {}): Promise<Accepted> {
    const flight = this.#admit(call, origin, options.deliver);
    const earlier = await this.#enqueue(flight, options.idempotencyKey);
    if (!earlier) return accepted(flight.taskId, this.#perform(flight));
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
    const idle = first !== undefined && (this.#lanes.get(first.deployment)?.idle ?? true);
    const withdraw = () => {
      for (const flight of flights) this.#withdraw(flight);
    };
    let stored: readonly PloinkyEvent[];
    try {
      for (const call of calls) flights.push(this.#admit(call, origin, deliver));
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
      return flights.map((flight) => accepted(flight.taskId, this.#perform(flight)));
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
    const flight = this.#flights.get(taskId);
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
    return this.#flights.get(taskId)?.outcome ?? undefined;
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
    const lane = this.#laneOf(deployment);
    const origin = { actor: 'system:tasks', cause: null, trace };
    const flight = new Flight(taskId, call, origin, lane, performance.now() - age);
    flight.cause = open.lastEvent;
    flight.stored = open.params;
    flight.waited = true;
    flight.timeLeft = timeLeft;
    this.#flights.set(taskId, flight);
    flight.started = open.container !== null;
    if (container) this.#occupy(flight, container);
    return this.#perform(flight);
  }

  /** Something changed that calls may wait for: a container that serves, a setting, the end of a deployment. */
  wake(): void {
    for (const [deployment, lane] of this.#lanes) {
      if (lane.waiting > 0) this.#dispatch(deployment, lane);
      else if (lane.idle && !this.#world.views.deployments.has(deployment)) this.#lanes.delete(deployment);
    }
  }

  /** Once the log takes nothing more: what waits for its turn stays open there, and is taken up by the next start. */
  close(): void {
    this.#deadlines.close();
    const stopping = new PloinkyError('LOG_CLOSED', 'The server is stopping.');
    for (const flight of this.#flights.values()) flight.takeTurn(stopping);
  }

  /** Finds a place for the call. @throws PloinkyError DEPLOYMENT_NOT_FOUND, AGENT_UNREACHABLE, OVERLOADED */
  #admit(call: TaskCall, origin: Origin, deliver: Deliver | undefined): Flight {
    const { deployment } = call;
    const container = this.balancer.pick(deployment);
    refuseWeb(container);
    const lane = this.#laneOf(deployment);
    const { maxConcurrentTasks, maxQueuedTasks } = this.#world.settings();
    const flight = new Flight(this.#newId(), call, origin, lane, performance.now(), deliver);
    flight.release = container.release;
    if (lane.waiting === 0 && lane.running < maxConcurrentTasks && this.load.hasRoom(container)) {
      this.#occupy(flight, container);
      return flight;
    }
    if (lane.waiting >= maxQueuedTasks) throw overloaded(deployment, lane, flight.begun);
    flight.waited = true;
    lane.promise();
    return flight;
  }

  /** Makes the call durable. Resolves with the call that came before under the same key, if one did. */
  async #enqueue(flight: Flight, key: string | undefined): Promise<Enqueued['data'] | null> {
    let enqueued: PloinkyEvent | undefined;
    try {
      const drafts = [enqueuedDraft(flight)];
      [enqueued] = await this.#store.append(drafts, flight.origin, key === undefined ? {} : { idempotencyKey: key });
      if (enqueued?.type !== 'task.enqueued') throw keyReused();
    } catch (error) {
      this.#withdraw(flight);
      throw error;
    }
    if (enqueued.data.taskId === flight.taskId) {
      this.#took(flight, enqueued);
      return null;
    }
    this.#withdraw(flight);
    return enqueued.data;
  }

  #took(flight: Flight, { id, data }: Enqueued): void {
    flight.cause = id;
    if (flight.waited) {
      flight.stored = data.params;
      flight.call = { ...flight.call, params: [] };
    }
    this.#flights.set(flight.taskId, flight);
  }

  /** It is not accepted after all. */
  #withdraw(flight: Flight): void {
    const { lane, container } = flight;
    if (container === null) {
      lane.forgo();
      return;
    }
    this.load.leave(container);
    lane.withdraw();
    if (lane.waiting > 0) this.#dispatch(flight.call.deployment, lane);
  }

  #occupy(flight: Flight, container: Container): void {
    flight.container = container;
    flight.lane.begin();
    this.load.enter(container);
  }

  /** Whoever asks for the outcome later finds it with the flight. */
  #perform(flight: Flight): Promise<TaskReply> {
    const outcome = this.#run(flight);
    flight.outcome = outcome;
    return outcome;
  }

  async #run(flight: Flight): Promise<TaskReply> {
    const { taskId, call, lane, origin } = flight;
    // What a former run of the server handed over may have arrived, whatever is refused now.
    const neverSent = !flight.started;
    try {
      let outcome: TaskOutcome | PloinkyError;
      try {
        const late = flight.timeLeft === null ? null : await this.#lateFor(flight, flight.timeLeft);
        if (late) outcome = late;
        else if (flight.container !== null) outcome = await this.#handOver.hand(flight, flight.container);
        else {
          // One of a former run was accepted then: there is a place for it however many wait.
          if (flight.timeLeft === null) lane.forgo();
          outcome = await this.#inTurn(flight);
        }
        if (isRefusal(outcome)) outcome = neverSent ? await this.#elsewhere(flight, outcome) : sentBefore(outcome);
      } finally {
        this.#deadlines.remove(flight);
        if (flight.container !== null) {
          this.load.leave(flight.container);
          lane.end(performance.now());
          if (lane.waiting > 0) this.#dispatch(call.deployment, lane);
        }
      }
      const durationMs = Math.round((performance.now() - flight.begun) * 1000) / 1000;
      const ending = { actor: 'system:tasks', cause: flight.cause, trace: origin.trace };
      const end = await conclude(this.#store, flight.ended(durationMs), outcome, ending, call.callback ?? null);
      return replyOf(taskId, end);
    } finally {
      this.#flights.delete(taskId);
    }
  }

  /** For one of a former run: why there is nothing to wait for; null when there is, and how long. */
  async #lateFor(flight: Flight, timeLeft: NonNullable<Flight['timeLeft']>): Promise<PloinkyError | null> {
    const left = typeof timeLeft === 'number' ? timeLeft : await timeLeft;
    if (left instanceof PloinkyError) return left;
    flight.limit = performance.now() + left;
    return null;
  }

  /** Waits for its turn, makes durable who gets it, and only then hands it over. */
  async #inTurn(flight: Flight): Promise<TaskOutcome | PloinkyError> {
    const { lane, call } = flight;
    const waiting = flight.waitForTurn();
    flight.due = flight.limit;
    this.#deadlines.add(flight);
    this.#dispatch(call.deployment, lane);
    const turn = await waiting;
    if (turn instanceof PloinkyError) return turn;
    await storeTurn(this.#store, flight, turn, this.#world.logger);
    if (flight.takenBack) return flight.takenBack;
    return this.#handOver.hand(flight, turn);
  }

  /**
   * Nothing was sent to its container. Another healthy one gets it at once, each at most once; where those are full it
   * waits for its turn again.
   * @returns the last refusal where no other is left
   */
  async #elsewhere(flight: Flight, refusal: PloinkyError): Promise<TaskOutcome | PloinkyError> {
    const { call, lane } = flight;
    const refusing = new Set<string>();
    let outcome: TaskOutcome | PloinkyError = refusal;
    while (isRefusal(outcome) && flight.container !== null && !flight.aborted && !refusing.has(flight.container.name)) {
      const { container } = flight;
      refusing.add(container.name);
      this.balancer.refused(container);
      const next = this.balancer.pickOther(call.deployment, refusing);
      if (next === null || next.transport === 'web') break;
      flight.started = false;
      if (flight.cancelledBy !== null) {
        return new PloinkyError('TASK_CANCELLED', `Taken back by ${flight.cancelledBy} before it ran.`);
      }
      flight.refusals += 1;
      this.#deadlines.remove(flight);
      this.load.leave(container);
      if (this.load.hasRoom(next)) {
        flight.container = next;
        this.load.enter(next);
        outcome = await this.#give(flight, next);
      } else {
        flight.container = null;
        lane.withdraw();
        outcome = await this.#inTurn(flight);
      }
    }
    return outcome;
  }

  /** Makes durable that another one gets it, within its time, and only then hands it over. */
  async #give(flight: Flight, container: Container): Promise<TaskOutcome | PloinkyError> {
    flight.due = flight.limit;
    this.#deadlines.add(flight);
    await storeTurn(this.#store, flight, container, this.#world.logger);
    if (flight.takenBack) return flight.takenBack;
    return this.#handOver.hand(flight, container);
  }

  /** Gives those their turn for whom there is room now. */
  #dispatch(deployment: string, lane: Lane<Flight>): void {
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
      this.#occupy(flight, container);
      flight.takeTurn(container);
    }
  }

  #outcomeOf(taskId: string): Promise<TaskReply> {
    return this.underWay(taskId) ?? this.#store.outcomeOf(taskId);
  }

  #laneOf(deployment: string): Lane<Flight> {
    const known = this.#lanes.get(deployment);
    if (known) return known;
    const lane = new Lane<Flight>();
    this.#lanes.set(deployment, lane);
    return lane;
  }
}

/** That nothing was sent now says nothing of what the former run of the server sent. */
function sentBefore(refusal: PloinkyError): PloinkyError {
  const message = 'The server ended while the task was under way, and the agent that got it takes no more questions.';
  return new PloinkyError('TASK_OUTCOME_UNKNOWN', message, { cause: refusal });
}

/** Certainly nothing was sent. */
function isRefusal(outcome: TaskOutcome | PloinkyError): outcome is PloinkyError {
  return outcome instanceof PloinkyError && outcome.code === 'AGENT_UNREACHABLE';
}

function accepted(taskId: string, outcome: Promise<TaskReply>): Accepted {
  // Who only wants to know that it was accepted never looks at it.
  outcome.catch(() => {});
  return { taskId, outcome };
}
