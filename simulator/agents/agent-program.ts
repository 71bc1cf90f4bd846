import type { TaskOutcome } from '../../adapters/agents/agent-port.ts';
import type { Container, Daemon } from '../engine/daemon.ts';
import type { Behaviour } from './behaviour.ts';
import { Program } from './program.ts';

interface Known {
  readonly id: string;
  outcome: TaskOutcome | null;
  readonly waiting: ((outcome: TaskOutcome | null) => void)[];
}

/** An AgentCore that answers, remembers its tasks, and dies with its container. */
export class AgentProgram extends Program {
  readonly bootId: string;
  readonly #onExecuted: (taskId: string) => void;
  readonly #tasks = new Map<string, Known>();

  constructor(daemon: Daemon, container: Container, behaviour: Behaviour, onExecuted: (taskId: string) => void) {
    super(daemon, container, behaviour);
    this.#onExecuted = onExecuted;
    this.bootId = `boot-${daemon.ground.random.id(10)}`;
  }

  override died(): void {
    super.died();
    for (const { waiting } of this.#tasks.values()) for (const told of waiting.splice(0)) told(null);
  }

  /** The same id joins the first, or gets what is remembered of it. Told null when the program dies before. */
  execute(id: string, told: (outcome: TaskOutcome | null) => void): void {
    const known = this.#tasks.get(id);
    if (known) {
      if (known.outcome) told(known.outcome);
      else known.waiting.push(told);
      return;
    }
    const { random, time } = this.ground;
    const task: Known = { id, outcome: null, waiting: [told] };
    this.#tasks.set(id, task);
    this.#onExecuted(id);
    const { taskMs, fails } = this.behaviour;
    const failed = random.chance(fails);
    time.after(random.between(...taskMs), () => {
      if (!this.alive || task.outcome) return;
      this.#end(
        task,
        failed
          ? { success: false, error: { code: 'HANDLER_FAILED', message: 'scripted', details: null } }
          : { success: true, data: { done: id } },
      );
    });
  }

  cancel(id: string): void {
    const task = this.#tasks.get(id);
    if (!task || task.outcome) return;
    this.#end(task, { success: false, error: { code: 'TASK_CANCELLED', message: 'taken back', details: null } });
  }

  /** Undefined when it never saw the id; null while it runs. */
  remembered(id: string): TaskOutcome | null | undefined {
    return this.#tasks.get(id)?.outcome ?? (this.#tasks.has(id) ? null : undefined);
  }

  #end(task: Known, outcome: TaskOutcome): void {
    task.outcome = outcome;
    for (const told of task.waiting.splice(0)) told(outcome);
  }
}
