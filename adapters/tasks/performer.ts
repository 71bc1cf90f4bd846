import { Deadlines } from '../../core/clock/deadlines.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Container } from '../../projections/containers.ts';
import type { TaskOutcome } from '../agents/agent-port.ts';
import type { TaskReply } from '../http/cloud-port.ts';
import type { World } from '../pipeline/world.ts';
import { conclude } from './conclude.ts';
import type { Flight } from './flight.ts';
import { HandOver } from './hand-over.ts';
import type { Places } from './places.ts';
import { storeTurn } from './store-turn.ts';
import { replyOf } from './task-outcome.ts';
import type { TaskStore } from './task-store.ts';

/** Brings calls that are durable to their durable outcome: through their turn, to a container, to another one where that refuses. */
export class Performer {
  readonly #world: World;
  readonly #store: TaskStore;
  readonly #places: Places;
  readonly #deadlines = new Deadlines();
  readonly #handOver: HandOver;
  readonly #flights = new Map<string, Flight>();

  constructor(world: World, store: TaskStore, places: Places) {
    this.#world = world;
    this.#store = store;
    this.#places = places;
    this.#handOver = new HandOver(world, store, this.#deadlines);
  }

  /** One that has been taken on and has no durable outcome yet. */
  find(taskId: string): Flight | undefined {
    return this.#flights.get(taskId);
  }

  /** From here on it is found; `perform` follows. */
  takeOn(flight: Flight): void {
    this.#flights.set(flight.taskId, flight);
  }

  /** Whoever asks for the outcome later finds it with the flight. */
  perform(flight: Flight): Promise<TaskReply> {
    const outcome = this.#run(flight);
    flight.outcome = outcome;
    return outcome;
  }

  /** Once the log takes nothing more: what waits for its turn stays open there, and is taken up by the next start. */
  close(): void {
    this.#deadlines.close();
    const stopping = new PloinkyError('LOG_CLOSED', 'The server is stopping.');
    for (const flight of this.#flights.values()) flight.takeTurn(stopping);
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
        this.#places.end(flight);
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
    this.#places.dispatch(call.deployment, lane);
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
    const { balancer, load } = this.#places;
    const refusing = new Set<string>();
    let outcome: TaskOutcome | PloinkyError = refusal;
    while (isRefusal(outcome) && flight.container !== null && !flight.aborted && !refusing.has(flight.container.name)) {
      const { container } = flight;
      refusing.add(container.name);
      balancer.refused(container);
      const next = balancer.pickOther(call.deployment, refusing);
      if (next === null || next.transport === 'web') break;
      flight.started = false;
      if (flight.cancelledBy !== null) {
        return new PloinkyError('TASK_CANCELLED', `Taken back by ${flight.cancelledBy} before it ran.`);
      }
      flight.refusals += 1;
      this.#deadlines.remove(flight);
      load.leave(container);
      if (load.hasRoom(next)) {
        flight.container = next;
        load.enter(next);
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
