import { withDeadline } from '../../core/clock/deadline.ts';
import { alive, type Container } from '../../projections/containers.ts';
import type { ContainerStats } from '../engine/container-stats.ts';
import type { World } from '../pipeline/world.ts';
import type { Sample, SampleRound } from './sample.ts';
import type { SampleFiles } from './sample-files.ts';

type Parts = Pick<World, 'views' | 'engines' | 'settings' | 'logger' | 'now'> & { readonly monotonic: () => number };

/** Containers of one engine that are asked about at one time. */
const atOnce = 4;
const longestMs = 10_000;
const tidyEveryMs = 3_600_000;

/** A sample with where it was taken. */
export interface CurrentSample extends Sample {
  readonly container: string;
  readonly engine: string;
  readonly status: Container['status'];
  /** ISO 8601. */
  readonly time: string;
}

/**
 * Looks every so often at what each container uses. An engine that is slow is left out of a round until it has answered, and delays no other one.
 */
export class Sampler {
  readonly #parts: Parts;
  readonly #files: SampleFiles;
  readonly #stop = new AbortController();
  readonly #busy = new Set<string>();
  readonly #cpu = new Map<string, { readonly engineId: string; readonly cpuMs: number; readonly at: number }>();
  readonly #current = new Map<string, CurrentSample>();
  #timer: NodeJS.Timeout | null = null;
  readonly #rounds = new Set<Promise<void>>();
  #storing: Promise<void> = Promise.resolve();
  #tidiedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts, files: SampleFiles) {
    this.#parts = parts;
    this.#files = files;
  }

  start(): void {
    this.#schedule();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.all(this.#rounds);
  }

  /** The newest sample of each container that runs. */
  current(): readonly CurrentSample[] {
    return [...this.#current.values()].filter(({ container }) => this.#parts.views.containers.has(container));
  }

  /** One look at every container of every engine that is not still being asked; stores what was found. Never rejects. */
  async look(): Promise<void> {
    const { views, now } = this.#parts;
    const containers = [...views.containers.values()].filter(({ status }) => alive.includes(status));
    this.#forget(containers);
    const engines = [...new Set(containers.map(({ engine }) => engine))].filter((engine) => !this.#busy.has(engine));
    const at = now();
    await Promise.all(
      engines.map(async (engine) => {
        const samples = await this.#ask(
          engine,
          containers.filter((container) => container.engine === engine),
        );
        if (samples.length > 0) await this.#store({ at, samples });
      }),
    );
    await this.#tidy(at);
  }

  /** One after the other: two engines may answer in the same moment. */
  #store(round: SampleRound): Promise<void> {
    this.#storing = this.#storing
      .then(() => this.#files.append(round))
      .catch((error: unknown) => {
        this.#parts.logger.warn({ err: error }, 'samples of what containers use cannot be stored');
      });
    return this.#storing;
  }

  async #tidy(at: number): Promise<void> {
    const { settings, logger } = this.#parts;
    if (at - this.#tidiedAt < tidyEveryMs) return;
    this.#tidiedAt = at;
    await this.#files.tidy(at, settings().metricsRetention).catch((error: unknown) => {
      logger.warn({ err: error }, 'old samples cannot be taken away');
    });
  }

  #schedule(): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => {
      const round = this.look();
      this.#rounds.add(round);
      void round.finally(() => this.#rounds.delete(round));
      // At once: an engine that takes its time must not hold up the others.
      this.#schedule();
    }, this.#parts.settings()['metrics.sampleEveryMs']);
    this.#timer.unref();
  }

  /** Settles at the latest when its time is up; what has not answered by then is missing in this round. */
  async #ask(name: string, containers: readonly Container[]): Promise<Sample[]> {
    this.#busy.add(name);
    const samples: Sample[] = [];
    const ms = Math.min(longestMs, this.#parts.settings()['metrics.sampleEveryMs']);
    try {
      await withDeadline(this.#stop.signal, ms, async (signal) => {
        const engine = await this.#parts.engines.get(name);
        const waiting = [...containers];
        const worker = async () => {
          for (let container = waiting.shift(); container && !signal.aborted; container = waiting.shift()) {
            const stats = await engine.stats(container.name, signal);
            if (stats !== null) samples.push(this.#sample(container, stats));
          }
        };
        await Promise.all(Array.from({ length: atOnce }, worker));
      });
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        this.#parts.logger.debug({ engine: name, err: error }, 'an engine did not tell what its containers use');
      }
    } finally {
      this.#busy.delete(name);
    }
    return samples;
  }

  #sample(container: Container, stats: ContainerStats): Sample {
    const { name, deployment, release, replica, engine, status, attempt } = container;
    const { engineId, cpuMs, ...figures } = stats;
    const at = this.#parts.monotonic();
    const before = this.#cpu.get(name);
    const known = before?.engineId === engineId && cpuMs !== null && at > before.at && cpuMs >= before.cpuMs;
    const percent = known ? ((cpuMs - before.cpuMs) / (at - before.at)) * 100 : null;
    if (cpuMs !== null) this.#cpu.set(name, { engineId, cpuMs, at });
    const sample: Sample = {
      deployment,
      release,
      replica,
      cpuPercent: percent === null ? null : Math.round(percent * 10) / 10,
      ...figures,
      restarts: Math.max(0, attempt - 1),
    };
    const time = new Date(this.#parts.now()).toISOString();
    this.#current.set(name, { ...sample, container: name, engine, status, time });
    return sample;
  }

  #forget(containers: readonly Container[]): void {
    const names = new Set(containers.map(({ name }) => name));
    for (const known of [this.#cpu, this.#current]) {
      for (const name of known.keys()) if (!names.has(name)) known.delete(name);
    }
  }
}
