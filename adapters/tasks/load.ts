import { releaseId } from '../../core/names/names.ts';
import type { Container } from '../../projections/containers.ts';
import type { Views } from '../../projections/views.ts';

interface Entry {
  running: number;
  /** What the manifest allows. */
  readonly most: number;
}

/** How many calls run in each container. Kept by the Places; what balances calls reads it. */
export class ContainerLoad {
  readonly #views: Pick<Views, 'releases'>;
  readonly #entries = new Map<string, Entry>();

  constructor(views: Pick<Views, 'releases'>) {
    this.#views = views;
  }

  running(container: Container): number {
    return this.runningIn(container.name);
  }

  /** @param name of a container */
  runningIn(name: string): number {
    return this.#entries.get(name)?.running ?? 0;
  }

  /** Whether it may be given one more, by the `concurrency` of its manifest. */
  hasRoom(container: Container): boolean {
    const entry = this.#entries.get(container.name);
    // Whatever the manifest says, one is allowed.
    return entry === undefined || entry.running < entry.most;
  }

  enter(container: Container): void {
    const entry = this.#entries.get(container.name);
    if (entry) entry.running += 1;
    else this.#entries.set(container.name, { running: 1, most: this.#most(container) });
  }

  leave({ name }: Container): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    entry.running -= 1;
    if (entry.running === 0) this.#entries.delete(name);
  }

  #most({ deployment, release }: Container): number {
    const source = this.#views.releases.get(releaseId(deployment, release))?.source;
    return source?.manifest.concurrency ?? Number.POSITIVE_INFINITY;
  }
}
