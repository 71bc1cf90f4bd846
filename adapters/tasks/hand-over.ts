import type { Deadlines } from '../../core/clock/deadlines.ts';
import { isPloinkyError, PloinkyError, problemOf } from '../../core/errors/ploinky-error.ts';
import { releaseId } from '../../core/names/names.ts';
import type { Container } from '../../projections/containers.ts';
import { addressOf, knownAddress, transportOf } from '../agents/agent-address.ts';
import type { AgentTask, TaskOutcome } from '../agents/agent-port.ts';
import type { World } from '../pipeline/world.ts';
import { redactedData } from '../secrets/redact.ts';
import { redactorOf } from '../secrets/release-values.ts';
import { type Deliver, DeliveryLost } from './deliver.ts';
import type { Flight } from './flight.ts';
import type { TaskStore } from './task-store.ts';

/** The agent keeps the time itself; after this much more it does not answer at all. */
const graceMs = 1_000;

/** The conversation with an agent about one task. */
export class HandOver {
  readonly #world: World;
  readonly #store: Pick<TaskStore, 'paramsOf'>;
  readonly #deadlines: Deadlines;

  constructor(world: World, store: Pick<TaskStore, 'paramsOf'>, deadlines: Deadlines) {
    this.#world = world;
    this.#store = store;
    this.#deadlines = deadlines;
  }

  /** Hands a task over and turns a broken conversation into an honest outcome. Never rejects. */
  async hand(flight: Flight, container: Container): Promise<TaskOutcome | PloinkyError> {
    const { taskId, call } = flight;
    const { command, runForUserId, metadata } = call;
    try {
      let { params, timeoutMs } = call;
      if (flight.waited) {
        params = await this.#store.paramsOf({ taskId, params: flight.stored });
        if (flight.takenBack && !flight.started) return flight.takenBack;
      }
      if (flight.waited || flight.refusals > 0) {
        timeoutMs = Math.max(1, Math.ceil(flight.limit - performance.now()));
        this.#deadlines.remove(flight);
      }
      flight.started = true;
      flight.due = flight.limit + graceMs;
      this.#deadlines.add(flight);
      const outcome = await this.#deliver(flight, container, {
        id: taskId,
        command,
        params,
        runForUserId,
        timeoutMs,
        metadata,
      });
      return outcome.success ? outcome : await this.#told(flight, container, outcome);
    } catch (error) {
      if (isPloinkyError(error)) return error;
      this.#world.logger.error({ err: error, task: taskId }, 'a call failed in an unexpected way');
      const { message } = problemOf(error);
      return new PloinkyError('TASK_OUTCOME_UNKNOWN', message, { cause: error });
    }
  }

  #deliver(flight: Flight, container: Container, task: AgentTask): Promise<TaskOutcome> {
    const { deliver } = flight;
    return deliver ? this.#deliverBy(deliver, flight, container, task) : this.#call(flight, container, task);
  }

  async #deliverBy(deliver: Deliver, flight: Flight, container: Container, task: AgentTask): Promise<TaskOutcome> {
    try {
      return await deliver(container, task, flight);
    } catch (error) {
      if (!(error instanceof DeliveryLost)) throw error;
      this.#world.logger.warn({ err: error, task: task.id }, 'who delivered a task is gone; it is taken up here');
    }
    try {
      return await this.#call(flight, container, task);
    } catch (error) {
      if (!isPloinkyError(error, 'AGENT_UNREACHABLE')) throw error;
      // That it was not sent from here says nothing of what was sent before.
      const message = 'The process that handed the task over is gone, and the agent does not answer any more.';
      throw new PloinkyError('TASK_OUTCOME_UNKNOWN', message, { cause: error });
    }
  }

  #call(flight: Flight, container: Container, task: AgentTask): Promise<TaskOutcome> {
    const transport = transportOf(this.#world, container);
    const address = knownAddress(container);
    if (address) return transport.call(address, task, flight);
    return addressOf(this.#world, container).then((found) => transport.call(found, task, flight));
  }

  /** A failure, in words that may be stored. */
  async #told(
    flight: Flight,
    { deployment, release: n }: Container,
    failed: Extract<TaskOutcome, { success: false }>,
  ): Promise<TaskOutcome> {
    const { code, message, details } = failed.error;
    if (code === 'TASK_CANCELLED' && flight.cancelledBy !== null) {
      return { ...failed, error: { code, message: `Taken back by ${flight.cancelledBy} while it ran.`, details } };
    }
    // An error often quotes what a program wrote last, or an address with a password in it.
    const { views, secrets } = this.#world;
    const release = views.releases.get(releaseId(deployment, n));
    if (Object.keys(release?.source?.secrets ?? {}).length === 0) return failed;
    const redact = await redactorOf(secrets, release);
    return { ...failed, error: { code, message: redact(String(message)), details: redactedData(details, redact) } };
  }
}
