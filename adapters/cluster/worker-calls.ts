import type { Cancellation } from '../../core/clock/cancellation.ts';
import type { TaskOutcome } from '../agents/agent-port.ts';
import type { AcceptedTask, RequestContext, TaskCall, TaskReply } from '../http/cloud-port.ts';
import { counted } from '../http/gateway/counted.ts';
import type { CallMeters } from '../http/traffic/call-meters.ts';
import { outcomeOf } from '../http/traffic/call-outcome.ts';
import { type Deliver, DeliveryLost } from '../tasks/deliver.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { errorOf, sentProblem } from './sent-problem.ts';

export interface WorkerCallsParts {
  readonly callTask: (call: TaskCall, context: RequestContext, deliver: Deliver | undefined) => Promise<TaskReply>;
  readonly acceptTasks: (
    calls: readonly TaskCall[],
    context: RequestContext,
    deliver: Deliver | undefined,
  ) => Promise<readonly AcceptedTask[]>;
  readonly meters: Pick<CallMeters, 'begun' | 'ended'>;
  readonly send: (message: ToWorker) => void;
  /** False where a worker cannot reach agents by what it knows: they are called from here then. */
  readonly delivers: boolean;
}

interface Delivery {
  readonly resolve: (outcome: TaskOutcome) => void;
  readonly reject: (error: Error) => void;
}

type OfCalls = Extract<FromWorker, { t: 'call' | 'accept' | 'outcome' | 'broke' | 'lost' }>;

/**
 * The calls of one worker, where the log is: accepted here, handed to the agent by the worker, stored here. When the worker
 * is gone they go on without it, over this process's own transports.
 */
export class WorkerCalls {
  readonly #parts: WorkerCallsParts;
  readonly #deliveries = new Map<number, Delivery>();
  #gone = false;
  #lastHanded = 0;

  constructor(parts: WorkerCallsParts) {
    this.#parts = parts;
  }

  take(message: OfCalls): void {
    const { n } = message;
    if (message.t === 'call') {
      void this.#call(message);
      return;
    }
    if (message.t === 'accept') {
      void this.#accept(message);
      return;
    }
    const delivery = this.#deliveries.get(n);
    // Nobody wants it any more.
    if (!delivery) return;
    this.#deliveries.delete(n);
    if (message.t === 'outcome') delivery.resolve(message.outcome);
    else if (message.t === 'broke') delivery.reject(errorOf(message.problem));
    else delivery.reject(new DeliveryLost('the worker does not know that container'));
  }

  /** The worker has ended. */
  lost(): void {
    this.#gone = true;
    const deliveries = [...this.#deliveries.values()];
    this.#deliveries.clear();
    for (const { reject } of deliveries) reject(new DeliveryLost('the worker ended'));
  }

  async #call({ n, call, context }: Extract<FromWorker, { t: 'call' }>): Promise<void> {
    const { meters, callTask, send, delivers } = this.#parts;
    const began = performance.now();
    let own = false;
    const deliver: Deliver = async (container, task, signal) => {
      const { id: taskId, timeoutMs } = task;
      const outcome = await this.#deliver({ t: 'deliver', n, taskId, container: container.name, timeoutMs }, signal);
      own = true;
      return outcome;
    };
    meters.begun();
    try {
      const reply = await callTask(call, context, delivers ? deliver : undefined);
      meters.ended(outcomeOf(reply.success ? null : reply.error.code), performance.now() - began);
      // What an agent answers may be large; the worker has it.
      send(own && reply.success ? { t: 'done', n } : { t: 'reply', n, reply });
    } catch (error) {
      meters.ended('refused', performance.now() - began);
      send({ t: 'refused', n, problem: sentProblem(error) });
    }
  }

  /** Accepted on their own: what the worker made of them is not there any more when their turn comes. */
  async #accept({ n, calls, context }: Extract<FromWorker, { t: 'accept' }>): Promise<void> {
    const { meters, acceptTasks, send, delivers } = this.#parts;
    const deliver: Deliver = (container, task, signal) => {
      this.#lastHanded -= 1;
      return this.#deliver({ t: 'hand', n: this.#lastHanded, container: container.name, task }, signal);
    };
    try {
      const accept = () => acceptTasks(calls, context, delivers ? deliver : undefined);
      const accepted = await counted(meters, calls.length, accept);
      send({ t: 'accepted', n, taskIds: accepted.map(({ taskId }) => taskId) });
      for (const [index, { outcome }] of accepted.entries()) {
        outcome.then(
          (reply) => send({ t: 'settled', n, index, reply }),
          (error: unknown) => send({ t: 'unsettled', n, index, problem: sentProblem(error) }),
        );
      }
    } catch (error) {
      send({ t: 'refused', n, problem: sentProblem(error) });
    }
  }

  #deliver(message: Extract<ToWorker, { t: 'deliver' | 'hand' }>, signal: Cancellation): Promise<TaskOutcome> {
    if (this.#gone) return Promise.reject(new DeliveryLost('the worker ended'));
    const { n } = message;
    return new Promise((resolve, reject) => {
      const abort = () => {
        const late = (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError';
        this.#parts.send({ t: 'abort', n, reason: late ? 'timeout' : 'other' });
      };
      const settle = () => signal.removeEventListener('abort', abort);
      this.#deliveries.set(n, {
        resolve: (outcome) => {
          settle();
          resolve(outcome);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      signal.addEventListener('abort', abort, { once: true });
      this.#parts.send(message);
    });
  }
}
