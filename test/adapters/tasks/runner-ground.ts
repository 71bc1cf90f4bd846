import type { AgentTask, AgentTransport, TaskOutcome } from '../../../adapters/agents/agent-port.ts';
import type { TaskCall, TaskReply } from '../../../adapters/http/cloud-port.ts';
import { dataPaths } from '../../../adapters/pipeline/paths.ts';
import type { World } from '../../../adapters/pipeline/world.ts';
import { TaskRunner } from '../../../adapters/tasks/task-runner.ts';
import type { TaskStore } from '../../../adapters/tasks/task-store.ts';
import type { Cancellation } from '../../../core/clock/cancellation.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { PloinkyDraft, PloinkyEvent } from '../../../core/events/catalogue.ts';
import { effectiveSettings, type Settings } from '../../../core/settings/settings.ts';
import { isTaskEnd } from '../../../decisions/task-end.ts';
import { settle } from '../../scripted-world.ts';
import { cloudId, deploy, initialized, type Story } from '../../story.ts';

/** A task that the agent has, with the means to end it. */
export interface Handed {
  readonly task: AgentTask;
  readonly container: string;
  end(data: unknown): void;
  fail(error: PloinkyError): void;
}

/** A runner between a log that is only a story and an agent that does what the test says. */
export class RunnerGround implements TaskStore {
  readonly story: Story;
  readonly runner: TaskRunner;
  readonly handed: Handed[] = [];
  readonly cancelled: string[] = [];
  settings: Partial<Settings> = {};
  /** Set to hold appends back until it resolves, or to refuse them. */
  beforeAppend: (drafts: readonly PloinkyDraft[]) => Promise<void> = async () => {};
  readonly #keys = new Map<string, readonly PloinkyEvent[]>();
  #ids = 0;

  constructor(replicas = 1) {
    this.story = initialized();
    this.story.ask({ ...deploy(), replicas });
    settle(this.story);
    this.runner = new TaskRunner(this.#world(), this, () => {
      this.#ids += 1;
      return `t${this.#ids}`;
    });
  }

  call(command: string, extra: Partial<TaskCall> = {}): TaskCall {
    return {
      deployment: 'localhost/demo',
      command,
      params: [command],
      runForUserId: 'ann',
      timeoutMs: 60_000,
      metadata: {},
      ...extra,
    };
  }

  accept(command: string, extra: Partial<TaskCall> = {}) {
    return this.runner.accept(this.call(command, extra), origin);
  }

  /** Commands that the agent has, in the order in which it got them. */
  get commands(): string[] {
    return this.handed.map(({ task }) => task.command);
  }

  eventsOf(taskId: string): PloinkyEvent[] {
    return this.story.events.filter(({ stream }) => stream === `task:${taskId}`);
  }

  typesOf(taskId: string): string[] {
    return this.eventsOf(taskId).map(({ type }) => type);
  }

  async append(
    drafts: readonly PloinkyDraft[],
    _origin: unknown,
    { idempotencyKey }: { idempotencyKey?: string } = {},
  ): Promise<readonly PloinkyEvent[]> {
    await this.beforeAppend(drafts);
    const known = idempotencyKey === undefined ? undefined : this.#keys.get(idempotencyKey);
    if (known) return known;
    this.story.tell(...drafts);
    const stored = this.story.events.slice(-drafts.length);
    if (idempotencyKey !== undefined) this.#keys.set(idempotencyKey, stored);
    return stored;
  }

  async outcomeOf(taskId: string): Promise<TaskReply> {
    const end = this.eventsOf(taskId).find(isTaskEnd);
    return { taskId, success: true, data: end?.type };
  }

  async paramsOf({ params }: { params: unknown }): Promise<readonly unknown[]> {
    return params as readonly unknown[];
  }

  #world(): World {
    const { story } = this;
    const transport = {
      kind: 'http',
      call: (_address, task, signal) => this.#agentGets(task, signal),
      cancel: async (_address, taskId) => {
        this.cancelled.push(taskId);
      },
      lookup: async () => ({ state: 'unknown', bootId: null }),
      probe: async () => null,
      close: async () => {},
    } satisfies AgentTransport;
    const silent = () => {};
    return {
      cloudId,
      views: story.views,
      settings: () => effectiveSettings(this.settings),
      transports: { http: transport, queue: transport },
      paths: dataPaths('/nowhere', '/nowhere'),
      now: () => story.clock,
      logger: { debug: silent, info: silent, warn: silent, error: silent },
    } as unknown as World;
  }

  #agentGets(task: AgentTask, signal: Cancellation): Promise<TaskOutcome> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new PloinkyError('TASK_TIMEOUT', 'The agent did not answer.')));
      const open = this.story.views.tasks.get(task.id);
      this.handed.push({
        task,
        container: open?.container ?? 'nobody knows',
        end: (data) => resolve({ success: true, data }),
        fail: reject,
      });
    });
  }
}

export const origin = { actor: 'anonymous', trace: 'trace', cause: null };

/** Everything that needs no time has happened then. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
