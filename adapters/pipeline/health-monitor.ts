import { setMaxListeners } from 'node:events';
import { withDeadline } from '../../core/clock/deadline.ts';
import { PloinkyError, problemOf } from '../../core/errors/ploinky-error.ts';
import { releaseId } from '../../core/names/names.ts';
import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import type { Probe, ProbeAnswer } from './probe.ts';
import { probeOf } from './probe-of.ts';
import type { World } from './world.ts';

/** Checks that are due within this of each other are begun together: fewer wake-ups. */
const togetherMs = 50;
/** A probe that took so much longer than it may says that this process stood still, not that the container did. */
const lateMs = 1_000;

interface Watched {
  /** As it was when it became healthy; replaced by a newer state of it, it is another one. */
  readonly container: Container;
  readonly release: Release;
  readonly probe: Probe;
  /** By the clock that never jumps. */
  due: number;
  failures: number;
  asking: Promise<void> | null;
}

/**
 * Asks every container that is well, again and again, whether it still is. A check that goes well writes nothing; one that
 * fails as often in a row as the manifest allows becomes `container.unhealthy`. One timer serves all of them.
 */
export class HealthMonitor {
  readonly #world: World;
  readonly #watched = new Map<string, Watched>();
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(world: World) {
    // One for each container that is being asked, so many are no leak.
    setMaxListeners(0, this.#closing.signal);
    this.#world = world;
  }

  /** To be called whenever the state of a container changed. */
  follow(): void {
    if (this.#closing.signal.aborted) return;
    const { containers, releases } = this.#world.views;
    for (const [name, { container }] of this.#watched) {
      if (containers.get(name) !== container) this.#watched.delete(name);
    }
    for (const container of containers.values()) {
      if (container.status !== 'healthy' || this.#watched.has(container.name)) continue;
      const release = releases.get(releaseId(container.deployment, container.release));
      const health = release?.source?.manifest.health;
      if (!release || !health) continue;
      const due = performance.now() + health.intervalMs * phaseOf(container.name);
      const probe = probeOf(this.#world, release, container);
      this.#watched.set(container.name, { container, release, probe, due, failures: 0, asking: null });
    }
    this.#plan();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await Promise.all([...this.#watched.values()].map(({ asking }) => asking));
    this.#watched.clear();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#closing.signal.aborted) return;
    let next = Number.POSITIVE_INFINITY;
    for (const { due, asking } of this.#watched.values()) if (!asking) next = Math.min(next, due);
    if (next === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(0, next - performance.now()) + togetherMs;
    this.#timer = setTimeout(() => this.#round(), wait).unref();
  }

  #round(): void {
    const now = performance.now();
    for (const watched of this.#watched.values()) {
      if (watched.asking || watched.due > now) continue;
      watched.asking = this.#ask(watched).finally(() => {
        watched.asking = null;
        this.#plan();
      });
    }
    this.#plan();
  }

  async #ask(watched: Watched): Promise<void> {
    const { intervalMs, timeoutMs, failures } = manifestHealth(watched.release);
    const begun = performance.now();
    watched.due = begun + intervalMs;
    const answer = await this.#answerOf(watched, timeoutMs);
    if (this.#closing.signal.aborted || answer.kind === 'unseen') return;
    if (answer.kind === 'well') {
      watched.failures = 0;
      return;
    }
    // Its time was up because nobody looked at the answer that was there.
    if (!answer.answered && performance.now() - begun > timeoutMs + lateMs) return;
    watched.failures += 1;
    const { name, lastEvent } = watched.container;
    const about = { container: name, failures: watched.failures, of: failures };
    this.#world.logger.debug(about, answer.said);
    if (watched.failures < failures || this.#world.views.containers.get(name)?.lastEvent !== lastEvent) return;
    await this.#tell(watched, answer.said, failures);
  }

  async #answerOf({ probe }: Watched, timeoutMs: number): Promise<ProbeAnswer> {
    try {
      return await withDeadline(this.#closing.signal, timeoutMs + lateMs, (signal) => probe(signal, timeoutMs));
    } catch (error) {
      return { kind: 'unseen', problem: error instanceof Error ? error.message : String(error) };
    }
  }

  async #tell({ container, failures }: Watched, said: string, allowed: number): Promise<void> {
    const { name, lastEvent: cause, trace } = container;
    const often = allowed === 1 ? '' : `, ${failures} times in a row`;
    const problem = problemOf(new PloinkyError('HEALTH_CHECK_FAILED', `${said}${often}.`));
    const origin = { actor: 'system:checkHealth', cause, trace };
    try {
      await this.#world.record(
        [{ type: 'container.unhealthy', stream: `container:${name}`, data: { problem } }],
        origin,
      );
    } catch (error) {
      // It is asked again, and told of then.
      this.#world.logger.error({ container: name, err: error }, 'a failed health check could not be recorded');
    }
  }
}

function manifestHealth({ source, id }: Release) {
  if (!source) throw new Error(`${id} runs without a source`);
  return source.manifest.health;
}

/** From 0 to 1, the same for the same name: containers that began together are not asked together. FNV-1a. */
export function phaseOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
