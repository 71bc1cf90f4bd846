import type { Cancellation } from '../../core/clock/cancellation.ts';
import type { Timed } from '../../core/clock/deadlines.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Priority } from '../../core/events/task-events.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { Container } from '../../projections/containers.ts';
import type { TaskCall, TaskReply } from '../http/cloud-port.ts';
import type { Deliver } from './deliver.ts';
import type { Lane, Queued } from './lane.ts';
import type { Ended } from './task-outcome.ts';

/** One call on its way from acceptance to its outcome. All that is remembered of it, so that a call costs one object. */
export class Flight implements Timed, Queued, Cancellation {
  readonly taskId: string;
  call: TaskCall;
  readonly origin: Origin;
  readonly priority: Priority;
  readonly lane: Lane<Flight>;
  readonly deliver: Deliver | undefined;
  /** Milliseconds of the clock that never jumps. */
  readonly begun: number;
  /** When its time is up: what is given to the agent ends then. */
  limit: number;
  due = 0;
  place = -1;
  /** Id of the event that the next one follows from. */
  cause: string | null = null;
  /** That served when it was accepted. */
  release = 0;
  /** Its arguments are taken from the log when it is handed over. */
  waited = false;
  /** Of one that a former run of the server left open: milliseconds for the agent, or why there is nothing to wait for. */
  timeLeft: number | Promise<number | PloinkyError> | null = null;
  /** Null while it waits. */
  container: Container | null = null;
  /** The arguments as the log has them, which may be a reference. */
  stored: unknown;
  /** The agent may have seen it. */
  started = false;
  /** How many times a container refused it, so that certainly none has it. */
  refusals = 0;
  /** Why it is not to be handed over any more. */
  takenBack: PloinkyError | null = null;
  /** Who asked the agent to drop it. */
  cancelledBy: string | null = null;
  /** Null before it is durable. */
  outcome: Promise<TaskReply> | null = null;
  #turn: ((turn: Container | PloinkyError) => void) | null = null;
  /** Why whoever works on it may stop. */
  reason: unknown = null;
  #listeners: (() => void)[] | null = null;

  constructor(taskId: string, call: TaskCall, origin: Origin, lane: Lane<Flight>, begun: number, deliver?: Deliver) {
    this.taskId = taskId;
    this.call = call;
    this.origin = origin;
    this.priority = call.priority ?? 'normal';
    this.lane = lane;
    this.begun = begun;
    this.limit = begun + call.timeoutMs;
    this.deliver = deliver;
  }

  /** Waits in its lane. Resolves with the container whose turn it is, in which its place is taken, or with why there is none. */
  waitForTurn(): Promise<Container | PloinkyError> {
    this.lane.join(this);
    return new Promise((resolve) => {
      this.#turn = resolve;
    });
  }

  /** Ends its waiting. False when it does not wait. */
  takeTurn(turn: Container | PloinkyError): boolean {
    const take = this.#turn;
    if (!take) return false;
    this.#turn = null;
    this.lane.leave(this);
    if (!(turn instanceof PloinkyError)) this.container = turn;
    take(turn);
    return true;
  }

  /** Its time is up, though somebody works on it. */
  get aborted(): boolean {
    return this.reason !== null;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners ??= [];
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners?.indexOf(listener) ?? -1;
    if (at >= 0) this.#listeners?.splice(at, 1);
  }

  expire(): void {
    const { command, timeoutMs } = this.call;
    const late = new PloinkyError('TASK_TIMEOUT', `${command} did not get its turn within ${timeoutMs} ms.`);
    if (this.takeTurn(late)) return;
    if (this.started) this.#abort(new DOMException('The time is up.', 'TimeoutError'));
    else this.takenBack ??= late;
  }

  #abort(reason: unknown): void {
    if (this.aborted) return;
    this.reason = reason;
    for (const listener of this.#listeners?.splice(0) ?? []) listener();
  }

  ended(durationMs: number): Ended {
    const { taskId, started } = this;
    const { deployment, command, timeoutMs } = this.call;
    return { taskId, deployment, command, timeoutMs, durationMs, started };
  }
}
