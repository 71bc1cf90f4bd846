import type { TaskOutcome } from '../../adapters/agents/agent-port.ts';
import type { Container, Daemon } from '../engine/daemon.ts';
import type { Ground } from '../ground/ground.ts';
import type { Behaviour } from './behaviour.ts';

interface Known {
  readonly id: string;
  outcome: TaskOutcome | null;
  readonly waiting: ((outcome: TaskOutcome | null) => void)[];
}

/** What runs in a container: an AgentCore that answers, remembers its tasks, and dies with its container. */
export class Program {
  readonly bootId: string;
  readonly behaviour: Behaviour;
  /** It runs and says nothing for a while. */
  stuck = false;
  readonly #ground: Ground;
  readonly #daemon: Daemon;
  readonly #container: Container;
  readonly #onExecuted: (taskId: string) => void;
  readonly #tasks = new Map<string, Known>();
  readonly #bootedAt: number;
  #alive = true;

  constructor(daemon: Daemon, container: Container, behaviour: Behaviour, onExecuted: (taskId: string) => void) {
    const { ground } = daemon;
    this.#ground = ground;
    this.#daemon = daemon;
    this.#container = container;
    this.#onExecuted = onExecuted;
    this.behaviour = behaviour;
    this.bootId = `boot-${ground.random.id(10)}`;
    this.#bootedAt = ground.time.now + behaviour.bootMs;
    if (behaviour.health === 'exits') this.#endIn(behaviour.bootMs, 1, 'cannot begin: scripted');
    else if (behaviour.livesMs !== null) this.#endIn(behaviour.livesMs, 1, 'gave up: scripted');
  }

  /** Whether it takes connections at this moment. */
  get listens(): boolean {
    return this.#alive && this.behaviour.health === 'well' && this.#ground.time.now >= this.#bootedAt;
  }

  /** It takes connections and answers. */
  get answers(): boolean {
    return this.listens && !this.stuck && this.#container.state === 'running';
  }

  /** Somebody asked whether it is well, and it is. */
  answered(): void {
    this.#daemon.answered.add(this.#container.id);
  }

  get everAnswered(): boolean {
    return this.#daemon.answered.has(this.#container.id);
  }

  get container(): Container {
    return this.#container;
  }

  terminate(): void {
    if (this.behaviour.deaf || this.stuck) return;
    const { random, time } = this.#ground;
    time.after(random.between(1, 80), () => {
      if (this.#alive) this.#daemon.end(this.#container, 0);
    });
  }

  died(): void {
    this.#alive = false;
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
    const { random, time } = this.#ground;
    const task: Known = { id, outcome: null, waiting: [told] };
    this.#tasks.set(id, task);
    this.#onExecuted(id);
    const { taskMs, fails } = this.behaviour;
    const failed = random.chance(fails);
    time.after(random.between(...taskMs), () => {
      if (!this.#alive || task.outcome) return;
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

  #endIn(ms: number, exitCode: number, lastWords: string): void {
    this.#ground.time.after(ms, () => {
      // One that gives up now and then does so no more, as everything else that fails.
      if (!this.#alive || (this.#ground.calmed && this.behaviour.health === 'well')) return;
      this.#container.output += `${lastWords}\n`;
      this.#daemon.end(this.#container, exitCode);
    });
  }
}
