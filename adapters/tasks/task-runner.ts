import { isDeepStrictEqual } from 'node:util';
import { isPloinkyError, PloinkyError, problemOf } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft, PloinkyEvent } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import { containerName } from '../../core/names/names.ts';
import { type Condition, conditionOf } from '../../decisions/condition-of.ts';
import type { Container } from '../../projections/containers.ts';
import { addressOf } from '../agents/agent-address.ts';
import type { AgentTask, TaskOutcome } from '../agents/agent-port.ts';
import type { TaskCall, TaskReply } from '../http/cloud-port.ts';
import type { World } from '../pipeline/world.ts';
import { redactedData } from '../secrets/redact.ts';
import { redactorOf } from '../secrets/release-values.ts';
import { conclude } from './conclude.ts';
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

type Enqueued = Extract<PloinkyEvent, { type: 'task.enqueued' }>['data'];

/** Accepts calls, hands them to agents and stores what came of them. */
export class TaskRunner {
  readonly #world: World;
  readonly #store: TaskStore;
  readonly #newId: () => string;
  readonly #inFlight = new Map<string, number>();

  constructor(world: World, store: TaskStore, newId: () => string) {
    this.#world = world;
    this.#store = store;
    this.#newId = newId;
  }

  /** Calls under way, by deployment. */
  get inFlight(): ReadonlyMap<string, number> {
    return this.#inFlight;
  }

  /** `enqueued` durable → agent → outcome durable → reply. Overload is refused before anything is stored. */
  async call(call: TaskCall, origin: Origin, idempotencyKey?: string): Promise<TaskReply> {
    const container = this.#route(call.deployment);
    const busy = this.#inFlight.get(call.deployment) ?? 0;
    const most = this.#world.settings().maxConcurrentTasks;
    if (busy >= most) {
      throw new PloinkyError('OVERLOADED', `${call.deployment} has ${busy} calls in flight, as many as it may.`);
    }
    this.#inFlight.set(call.deployment, busy + 1);
    try {
      return await this.#accept(call, container, origin, idempotencyKey);
    } finally {
      const left = (this.#inFlight.get(call.deployment) ?? 1) - 1;
      if (left === 0) this.#inFlight.delete(call.deployment);
      else this.#inFlight.set(call.deployment, left);
    }
  }

  async #accept(call: TaskCall, container: Container, origin: Origin, key?: string): Promise<TaskReply> {
    const taskId = this.#newId();
    const { deployment, command, params, runForUserId, timeoutMs } = call;
    const { release, name, bootId } = container;
    const data = { taskId, deployment, release, container: name, bootId, command, params, runForUserId, timeoutMs };
    const draft: PloinkyDraft = { type: 'task.enqueued', stream: `task:${taskId}`, data };
    const begun = performance.now();
    const [enqueued] = await this.#store.append([draft], origin, key === undefined ? {} : { idempotencyKey: key });
    if (enqueued?.type !== 'task.enqueued') throw keyReused();
    if (enqueued.data.taskId !== taskId) return this.#earlier(call, enqueued.data);
    const task = { id: taskId, command, params, runForUserId, timeoutMs, metadata: call.metadata };
    const outcome = await this.deliver(container, task);
    const durationMs = Math.round((performance.now() - begun) * 1000) / 1000;
    const ended = { taskId, deployment, command, timeoutMs, durationMs };
    const end = await conclude(this.#store, ended, outcome, {
      actor: 'system:tasks',
      cause: enqueued.id,
      trace: origin.trace,
    });
    return replyOf(taskId, end);
  }

  /** The Idempotency-Key came before: with the same call, whose outcome counts, or by mistake with another. */
  async #earlier(call: TaskCall, { taskId, ...then }: Enqueued): Promise<TaskReply> {
    const { deployment, command, runForUserId } = call;
    const same = then.deployment === deployment && then.command === command && then.runForUserId === runForUserId;
    if (!same || !isDeepStrictEqual(await this.#store.paramsOf({ taskId, ...then }), asStored(call.params))) {
      throw keyReused();
    }
    return this.#store.outcomeOf(taskId);
  }

  /** Hands a task over and turns a broken conversation into an honest outcome. Never rejects. */
  async deliver(container: Container, task: AgentTask): Promise<TaskOutcome | PloinkyError> {
    const { transports } = this.#world;
    // The agent keeps the time itself; this is for one that does not answer at all.
    const signal = AbortSignal.timeout(task.timeoutMs + 1_000);
    try {
      const address = await addressOf(this.#world, container);
      const outcome = await transports[container.transport ?? 'http'].call(address, task, signal);
      return outcome.success ? outcome : await this.#redacted(container, outcome);
    } catch (error) {
      if (isPloinkyError(error)) return error;
      this.#world.logger.error({ err: error, task: task.id }, 'a call failed in an unexpected way');
      const { message } = problemOf(error);
      return new PloinkyError('TASK_OUTCOME_UNKNOWN', message, { cause: error });
    }
  }

  /** An error often quotes what a program wrote last, or an address with a password in it. */
  async #redacted(container: Container, failed: Extract<TaskOutcome, { success: false }>): Promise<TaskOutcome> {
    const { views, secrets } = this.#world;
    const release = views.releases.get(`${container.deployment}#${container.release}`);
    if (Object.keys(release?.source?.secrets ?? {}).length === 0) return failed;
    const redact = await redactorOf(secrets, release);
    const { code, message, details } = failed.error;
    const error = { code, message: redact(String(message)), details: redactedData(details, redact) };
    return { ...failed, error };
  }

  #route(deployment: string): Container {
    const { views, cloudId } = this.#world;
    const routed = views.deployments.get(deployment);
    if (!routed || routed.status === 'removed') {
      throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${deployment}.`);
    }
    if (routed.routed === null) {
      const state = routed.status === 'failed' ? 'its deploy failed' : 'its first release is still being made';
      throw new PloinkyError('AGENT_UNREACHABLE', `${deployment} does not serve yet: ${state}.`);
    }
    const container = views.containers.get(containerName(deployment, routed.routed, cloudId));
    if (container?.status !== 'healthy') {
      throw notNow(deployment, conditionOf(container), this.#world.now());
    }
    return container;
  }
}

/** How its container is doing, and when it is tried again. */
function notNow(deployment: string, { state, reason, retryAt }: Condition, now: number): PloinkyError {
  const why = `it is ${state}${reason === null ? '' : ` (${reason.replace(/\.$/, '')})`}`;
  // One that is on its way usually needs no more than that.
  const seconds = retryAt === null ? 1 : Math.max(1, Math.ceil((retryAt - now) / 1000));
  const next = state === 'unhealthy' ? 'is asked' : 'starts';
  const again = retryAt === null ? '' : `; it ${next} again in ${seconds} s`;
  return new PloinkyError('AGENT_UNREACHABLE', `${deployment} does not answer at the moment: ${why}${again}.`, {
    hint: `See why: \`p-cli cloud logs --deployment ${deployment}\`.`,
    details: { state, retryAfterSeconds: seconds },
  });
}

function keyReused(): PloinkyError {
  return new PloinkyError('IDEMPOTENCY_KEY_REUSED', 'The Idempotency-Key was used for another request before.');
}

/** As the log gives it back: `-0`, for example, comes back as `0`. */
function asStored(params: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(params));
}
