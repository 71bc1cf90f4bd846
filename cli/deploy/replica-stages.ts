import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import { listed } from '../terminal/listed.ts';
import type { ReleaseStep } from './release-watch.ts';

/** How far the stage under way is, where several containers go through it. */
export type JoinedStep = ReleaseStep | { readonly kind: 'at'; readonly text: string };

/** Of many containers that go through a stage, those that its line names. */
const mostNames = 4;

/**
 * Several containers of one release go through the stages start and health together: those that serve, and those that are kept
 * warm. Start ends with the last of them, or without the warm ones where those that serve are ready before; health ends with
 * the last that is waited for.
 */
export class ReplicaStages {
  #replicas: number;
  #warm = 0;
  #under: 'start' | 'health' | 'route' = 'start';
  readonly #started = new Set<string>();
  /** What each said, by its name. */
  readonly #healthy = new Map<string, string>();

  constructor(replicas: number) {
    this.#replicas = replicas;
  }

  scaled(replicas: number): void {
    this.#replicas = replicas;
  }

  /** So many are started as well, and not waited for. */
  keepsWarm(count: number): void {
    this.#warm = count;
  }

  joined({ type, stream }: PloinkyEvent, step: ReleaseStep): readonly JoinedStep[] {
    if (step.kind !== 'stage' || !stream.startsWith('container:')) return [step];
    const name = stream.slice('container:'.length);
    const all = this.#replicas + this.#warm;
    if (type !== 'container.healthy') {
      const again = this.#started.has(name);
      this.#started.add(name);
      if (again) return type === 'container.restarted' ? [{ kind: 'note', text: `${name} is started again` }] : [];
      if (this.#under !== 'start') return [];
      if (this.#started.size < all) return [{ kind: 'at', text: `${this.#started.size} of ${all}` }];
      return [this.#startEnds()];
    }
    this.#healthy.set(name, all === 1 ? step.detail : `${name} ${step.detail}`);
    if (this.#under === 'route') return [];
    if (this.#healthy.size < this.#replicas) {
      return this.#under === 'health' ? [{ kind: 'at', text: `${this.#healthy.size} of ${this.#replicas}` }] : [];
    }
    const steps = this.#under === 'start' ? [this.#startEnds()] : [];
    this.#under = 'route';
    return [...steps, { ...step, detail: listed([...this.#healthy.values()], mostNames) }];
  }

  #startEnds(): ReleaseStep {
    this.#under = 'health';
    return { kind: 'stage', detail: listed([...this.#started].sort(byReplica), mostNames), next: 'health' };
  }
}

/** `…-2-abc` before `…-2.2-abc` before `…-2.10-abc`. */
function byReplica(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}
