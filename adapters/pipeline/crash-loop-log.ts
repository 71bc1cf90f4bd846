import { crashLoopFrom, crashLooping, crashLoopReason } from '../../decisions/crash-loop.ts';
import type { World } from './world.ts';

/** Says in the server's own log that a container does not stay up: once, until it stayed up again. */
export class CrashLoopLog {
  readonly #world: Pick<World, 'views' | 'logger'>;
  readonly #told = new Set<string>();

  constructor(world: Pick<World, 'views' | 'logger'>) {
    this.#world = world;
  }

  /** To be called whenever the state of a container changed. */
  follow(): void {
    const { views, logger } = this.#world;
    for (const name of this.#told) {
      // One that came up may end again at once, and is in the same loop then.
      if ((views.containers.get(name)?.failures ?? 0) < crashLoopFrom) this.#told.delete(name);
    }
    for (const container of crashLooping(views)) {
      const { name, deployment, lastExit } = container;
      if (this.#told.has(name)) continue;
      this.#told.add(name);
      logger.error({ container: name, deployment, output: lastExit?.output ?? null }, crashLoopReason(container));
    }
  }
}
