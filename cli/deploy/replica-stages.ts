import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import type { ReleaseStep } from './release-watch.ts';

/** How far the stage under way is, where several containers go through it. */
export type JoinedStep = ReleaseStep | { readonly kind: 'at'; readonly text: string };

/** Several containers of one release go through the stages start and health together: a stage ends with the last of them. */
export class ReplicaStages {
  #replicas: number;
  readonly #started = new Set<string>();
  readonly #healthy = new Set<string>();

  constructor(replicas: number) {
    this.#replicas = replicas;
  }

  scaled(replicas: number): void {
    this.#replicas = replicas;
  }

  joined({ type, stream }: PloinkyEvent, step: ReleaseStep): JoinedStep | undefined {
    if (step.kind !== 'stage' || !stream.startsWith('container:') || this.#replicas === 1) return step;
    const all = this.#replicas;
    if (type !== 'container.healthy') {
      const again = this.#started.size >= all;
      this.#started.add(stream);
      if (again) return undefined;
      if (this.#started.size === all) return { ...step, detail: `${all} containers` };
      return { kind: 'at', text: `${this.#started.size} of ${all}` };
    }
    this.#healthy.add(stream);
    // Those to be kept warm are not waited for.
    if (this.#started.size < all || this.#healthy.size > all) return undefined;
    if (this.#healthy.size === all) return { ...step, detail: `all ${all} answer` };
    return { kind: 'at', text: `${this.#healthy.size} of ${all}` };
  }
}
