import type { Cancellation } from '../../core/clock/cancellation.ts';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { guardedViews } from '../../core/kernel/guarded-views.ts';
import type { Store } from '../../core/kernel/store.ts';
import { currentSettings } from '../../core/settings/current-settings.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { Container } from '../../projections/containers.ts';
import type { AgentTask, TaskOutcome } from '../agents/agent-port.ts';
import type { AcceptedTask, RequestContext, TaskCall, TaskReply } from '../http/cloud-port.ts';
import type { GatewayCloud, GatewayViews } from '../http/gateway/gateway-surroundings.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { PendingBatch } from './pending-batch.ts';
import { PendingCall } from './pending-call.ts';
import { errorOf, sentProblem } from './sent-problem.ts';
import { Withdrawal } from './withdrawal.ts';

export interface WorkerCloudParts {
  readonly store: Store<GatewayViews>;
  readonly send: (message: FromWorker) => void;
  /** Over this process's own connections, with the errors of `AgentTransport.call`. */
  readonly callAgent: (container: Container, task: AgentTask, signal: Cancellation) => Promise<TaskOutcome>;
  readonly onSettings: (settings: Settings) => void;
  readonly onDefect: (error: unknown) => void;
}

type ForCloud = Exclude<ToWorker, { t: 'begin' | 'count' | 'drain' | 'untilIdle' }>;

/** The cloud as a worker has it: the state is folded here, and calls are made durable by the owner of the log. */
export class WorkerCloud implements GatewayCloud {
  readonly settings: () => Settings;
  readonly #parts: WorkerCloudParts;
  readonly #views: GatewayViews;
  readonly #calls = new Map<number, PendingCall>();
  readonly #batches = new Map<number, PendingBatch>();
  /** Tasks that were handed over whole, by their number. */
  readonly #handed = new Map<number, Withdrawal>();
  #last = 0;
  #stopping = false;

  constructor(parts: WorkerCloudParts) {
    this.#parts = parts;
    this.#views = guardedViews(parts.store);
    this.settings = currentSettings(parts.store.views);
  }

  phase(): 'ready' | 'stopping' {
    return this.#stopping ? 'stopping' : 'ready';
  }

  views(): GatewayViews {
    return this.#views;
  }

  callTask(call: TaskCall, context: RequestContext): Promise<TaskReply> {
    this.#last += 1;
    const n = this.#last;
    return new Promise((resolve, reject) => {
      this.#calls.set(n, new PendingCall(call, resolve, reject));
      this.#parts.send({ t: 'call', n, call, context });
    });
  }

  acceptTasks(calls: readonly TaskCall[], context: RequestContext): Promise<readonly AcceptedTask[]> {
    this.#last += 1;
    const n = this.#last;
    return new Promise((resolve, reject) => {
      this.#batches.set(n, new PendingBatch(resolve, reject));
      this.#parts.send({ t: 'accept', n, calls, context });
    });
  }

  stop(): void {
    this.#stopping = true;
  }

  take(message: ForCloud): void {
    switch (message.t) {
      case 'events':
        this.#fold(message.events);
        return;
      case 'hand':
        this.#hand(message);
        return;
      case 'accepted':
        this.#batches.get(message.n)?.accept(message.taskIds);
        return;
      case 'settled':
        this.#settle(message.n, message.index, message.reply);
        return;
      case 'unsettled':
        this.#settle(message.n, message.index, errorOf(message.problem));
        return;
      case 'abort':
        (this.#handed.get(message.n) ?? this.#calls.get(message.n))?.abort(message.reason === 'timeout');
        return;
      default:
        this.#hear(message);
    }
  }

  /** What concerns a single call. */
  #hear(message: Extract<ToWorker, { t: 'deliver' | 'done' | 'reply' | 'refused' }>): void {
    const { n } = message;
    const call = this.#calls.get(n);
    if (!call) {
      if (message.t === 'refused') this.#batches.get(n)?.refuse(errorOf(message.problem));
      this.#batches.delete(n);
      return;
    }
    if (message.t === 'deliver') {
      const { taskId, container, timeoutMs } = message;
      call.taskId = taskId;
      const { command, params, runForUserId, metadata } = call.call;
      const task = { id: taskId, command, params, runForUserId, timeoutMs, metadata };
      const keep = (data: unknown) => {
        call.data = data;
      };
      this.#deliver(n, container, task, call, keep).catch(this.#parts.onDefect);
      return;
    }
    this.#calls.delete(n);
    if (message.t === 'done') call.resolve({ taskId: call.taskId, success: true, data: call.data });
    else if (message.t === 'reply') call.resolve(message.reply);
    else call.reject(errorOf(message.problem));
  }

  #settle(n: number, index: number, outcome: TaskReply | Error): void {
    if (this.#batches.get(n)?.settle(index, outcome)) this.#batches.delete(n);
  }

  #hand({ n, container, task }: Extract<ToWorker, { t: 'hand' }>): void {
    const withdrawal = new Withdrawal();
    this.#handed.set(n, withdrawal);
    this.#deliver(n, container, task, withdrawal, () => {})
      .catch(this.#parts.onDefect)
      .finally(() => this.#handed.delete(n));
  }

  #fold(events: Extract<ToWorker, { t: 'events' }>['events']): void {
    const { store, onSettings, send } = this.#parts;
    store.follow(events);
    if (events.some(({ type }) => type === 'setting.changed')) onSettings(this.settings());
    send({ t: 'folded', seq: store.seq });
  }

  async #deliver(
    n: number,
    name: string,
    task: AgentTask,
    withdrawal: Withdrawal,
    keep: (data: unknown) => void,
  ): Promise<void> {
    const { store, send, callAgent, onDefect } = this.#parts;
    // Folded before this came, unless the projection stopped.
    const container = store.views.containers.get(name);
    if (!container) {
      send({ t: 'lost', n });
      return;
    }
    try {
      const outcome = await callAgent(container, task, withdrawal);
      if (outcome.success) keep(outcome.data ?? null);
      send({ t: 'outcome', n, outcome });
    } catch (error) {
      if (!isPloinkyError(error)) onDefect(error);
      send({ t: 'broke', n, problem: sentProblem(error) });
    }
  }
}
