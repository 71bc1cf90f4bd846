import type { Container, Daemon } from '../engine/daemon.ts';
import type { Ground } from '../ground/ground.ts';
import type { Behaviour } from './behaviour.ts';

/** What runs in a container, from its start to its end. */
export class Program {
  readonly behaviour: Behaviour;
  /** It runs and says nothing for a while. */
  stuck = false;
  protected readonly ground: Ground;
  readonly #daemon: Daemon;
  readonly #container: Container;
  readonly #bootedAt: number;
  #alive = true;
  #commandWell = false;

  constructor(daemon: Daemon, container: Container, behaviour: Behaviour) {
    const { ground } = daemon;
    this.ground = ground;
    this.#daemon = daemon;
    this.#container = container;
    this.behaviour = behaviour;
    this.#bootedAt = ground.time.now + behaviour.bootMs;
    if (behaviour.chatters) container.output += `${container.environment.join('\n')}\n`;
    if (behaviour.health === 'exits') this.#endIn(behaviour.bootMs, 1, 'cannot begin: scripted');
    else if (behaviour.livesMs !== null) this.#endIn(behaviour.livesMs, behaviour.endsWith, 'gave up: scripted');
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Whether it takes connections at this moment. */
  get listens(): boolean {
    const { health } = this.behaviour;
    const ever = health === 'well' || health === 'ill';
    return this.#alive && ever && this.ground.time.now >= this.#bootedAt;
  }

  /** It takes connections and answers. */
  get answers(): boolean {
    return this.listens && !this.stuck && this.#container.state === 'running';
  }

  /** Somebody asked whether it is well, and it is; the command of its manifest may say otherwise. */
  answered(): void {
    if (this.behaviour.command === null || this.#commandWell) this.#daemon.answered.add(this.#container.id);
  }

  /** A command that looks at it begins: how long it takes, and what it finds. */
  commandEnds(): { ms: number; code: number } {
    const { command, sourMs } = this.behaviour;
    const { random, time, calmed } = this.ground;
    const sinceMs = time.now - this.#bootedAt;
    const ready = {
      well: sinceMs >= 0,
      late: sinceMs >= 1_000,
      sours: sinceMs >= 0 && (calmed || sinceMs < sourMs),
      ill: false,
      hangs: false,
    }[command ?? 'ill'];
    return { ms: command === 'hangs' ? Number.POSITIVE_INFINITY : random.between(1, 60), code: ready ? 0 : 1 };
  }

  /** That command ended with this exit code. */
  checked(code: number): number {
    if (code === 0) this.#commandWell = true;
    // What it had in hands ends with it when it is started again for that.
    else if (this.#commandWell) this.#daemon.onTrouble(this.#container);
    if (code === 0) this.answered();
    return code;
  }

  get everAnswered(): boolean {
    return this.#daemon.answered.has(this.#container.id);
  }

  get container(): Container {
    return this.#container;
  }

  /** It says nothing for a while. */
  getStuck(ms: number): void {
    this.stuck = true;
    this.#daemon.onTrouble(this.#container);
    this.ground.time.after(ms, () => {
      this.stuck = false;
    });
  }

  terminate(): void {
    if (this.behaviour.deaf || this.stuck) return;
    const { random, time } = this.ground;
    time.after(random.between(1, 80), () => {
      if (this.#alive) this.#daemon.end(this.#container, 0);
    });
  }

  died(): void {
    this.#alive = false;
  }

  #endIn(ms: number, exitCode: number, lastWords: string): void {
    this.ground.time.after(ms, () => {
      // One that gives up now and then does so no more, as everything else that fails.
      if (!this.#alive || (this.ground.calmed && this.behaviour.health === 'well')) return;
      this.#container.output += `${lastWords}\n`;
      this.#daemon.end(this.#container, exitCode);
    });
  }
}
