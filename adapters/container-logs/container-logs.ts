import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { deploymentKey, releaseId } from '../../core/names/names.ts';
import { alive, type Container } from '../../projections/containers.ts';
import type { World } from '../pipeline/world.ts';
import { redactorOf } from '../secrets/release-values.ts';
import { Bells } from './bells.ts';
import { storeOutput, within } from './container-log.ts';
import { type Keep, keepBounded } from './keep-bounded.ts';
import { type LogQuery, readDeployment } from './read-deployment.ts';
import { lastEntries } from './read-log.ts';
import { replicaFolder } from './segments.ts';

type Parts = Pick<World, 'views' | 'engines' | 'secrets' | 'settings' | 'logger' | 'now' | 'paths'>;

const retryMs = [1_000, 2_000, 5_000, 10_000, 30_000];
/** Before a container is taken away its last words are waited for, but not for ever. */
const lastWordsMs = 5_000;
const tidyEveryMs = 3_600_000;

const running: readonly Container['status'][] = [...alive, 'paused'];

interface Following {
  readonly engineId: string;
  readonly done: Promise<void>;
  over: boolean;
}

/** Keeps what containers write, from the moment they start until they have ended, across restarts of the server. */
export class ContainerLogs {
  readonly #bells = new Bells();
  readonly #parts: Parts;
  readonly #stop = new AbortController();
  readonly #following = new Map<string, Following>();
  readonly #timer: NodeJS.Timeout;
  #tidying: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    // One for each container that is followed, so many are no leak.
    setMaxListeners(0, this.#stop.signal);
    this.#parts = parts;
    this.#timer = setInterval(() => void this.tidy(), tidyEveryMs);
    this.#timer.unref();
  }

  /** Follows every container that the engines should have. To be called when one has started; called too often it does nothing. */
  wake(): void {
    const { containers } = this.#parts.views;
    for (const [name, { over }] of this.#following) if (over && !containers.has(name)) this.#following.delete(name);
    for (const container of containers.values()) this.#attend(container);
  }

  /**
   * Resolves when all that a container wrote is stored, to be awaited before it is removed. It must have ended; gives up after some
   * seconds, since an engine that does not answer must not keep a container alive.
   */
  async caughtUp(name: string, signal: AbortSignal): Promise<void> {
    const container = this.#parts.views.containers.get(name);
    if (container === undefined || this.#stop.signal.aborted) return;
    this.#attend(container);
    const following = this.#following.get(name);
    if (following === undefined) return;
    if (await within(lastWordsMs, signal, following.done)) return;
    if (!signal.aborted) this.#parts.logger.warn({ container: name }, 'the last lines of a container may be missing');
  }

  /** The last lines that are stored of the present start of a container, in the order in which they came. */
  async lastLines(name: string, most: number): Promise<readonly string[]> {
    const container = this.#parts.views.containers.get(name);
    if (container === undefined) return [];
    const { deployment, release, replica } = container;
    const folder = join(this.#parts.paths.logs, 'containers', deploymentKey(deployment));
    // With what Ploinky itself has to say, the beginning of the start among that.
    const { entries } = await lastEntries(replicaFolder(folder, release, replica), 2 * most, {});
    const begin = entries.findLastIndex(({ entry }) => entry.stream === 'ploinky' && entry.engineId !== undefined);
    const lines = entries.slice(begin + 1).flatMap(({ entry }) => (entry.stream === 'ploinky' ? [] : [entry.text]));
    return lines.slice(-most);
  }

  /** Lines of a deployment; see `readDeployment`. @param follow goes on until it aborts; null: what there is */
  read(deployment: string, query: Omit<LogQuery, 'folder'>, follow: AbortSignal | null) {
    const key = deploymentKey(deployment);
    const listen = (listener: () => void) => this.#bells.listen(key, listener);
    const folder = join(this.#parts.paths.logs, 'containers', key);
    return readDeployment({ ...query, folder }, follow === null ? null : { signal: follow, listen });
  }

  /** Takes away what the settings allow no more. Never rejects. */
  tidy(): Promise<void> {
    this.#tidying = this.#tidying
      .then(() => keepBounded(this.#keep()))
      .catch((error: unknown) => {
        this.#parts.logger.warn({ err: error }, 'old container logs could not be taken away');
      });
    return this.#tidying;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await Promise.all([...this.#following.values()].map(({ done }) => done));
    await this.#tidying;
    this.#bells.ringAll();
  }

  #attend(container: Container): void {
    const { name, engineId } = container;
    if (engineId === null || this.#stop.signal.aborted) return;
    const before = this.#following.get(name);
    // One that ended and is said to run may have been started again, by hand.
    if (before?.engineId === engineId && !(before.over && running.includes(container.status))) return;
    const work = (before?.done ?? Promise.resolve()).then(() => this.#follow(container, engineId));
    const following: Following = {
      engineId,
      over: false,
      done: work.then(() => {
        following.over = true;
      }),
    };
    this.#following.set(name, following);
  }

  /** Until it has ended; what fails on the way is tried again. Never rejects. */
  async #follow(container: Container, engineId: string): Promise<void> {
    const { views, engines, secrets, settings, logger, now, paths } = this.#parts;
    const { name, deployment, release, replica } = container;
    const key = deploymentKey(deployment);
    const { signal } = this.#stop;
    let attempt = 0;
    const parts = {
      name,
      engineId,
      folder: replicaFolder(join(paths.logs, 'containers', key), release, replica),
      engine: () => engines.get(container.engine),
      shouldRun: () => {
        const now = views.containers.get(name);
        return now?.engineId === engineId && running.includes(now.status);
      },
      redact: () => redactorOf(secrets, views.releases.get(releaseId(deployment, release))),
      bounds: () => ({ fileBytes: settings()['containerLogs.fileBytes'], files: settings()['containerLogs.files'] }),
      bytesPerSecond: () => settings()['containerLogs.bytesPerSecond'],
      appended: () => {
        attempt = 0;
        this.#bells.ring(key);
      },
      now,
    };
    void this.tidy();
    while (!signal.aborted) {
      try {
        await storeOutput(parts, signal);
        break;
      } catch (error) {
        if (signal.aborted) break;
        // Somebody else's start: nobody will ask for this one again.
        if (views.containers.get(name)?.engineId !== engineId) break;
        logger.warn({ container: name, err: error }, 'the output of a container cannot be stored for now');
        await pause(retryMs[Math.min(attempt, retryMs.length - 1)] ?? 0, signal);
        attempt += 1;
      }
    }
  }

  #keep(): Keep {
    const { views, settings, paths, now } = this.#parts;
    const living = [...views.deployments.values()].filter(({ status }) => status !== 'removed');
    const running = [...views.containers.values()].map(({ deployment, release }) => releaseId(deployment, release));
    return {
      folder: join(paths.logs, 'containers'),
      living: new Set(living.map(({ id }) => deploymentKey(id))),
      running: new Set(running.map((id) => id.replace(/^.*(?=#)/, (deployment) => deploymentKey(deployment)))),
      releases: settings()['containerLogs.releases'],
      deploymentBytes: settings()['containerLogs.deploymentBytes'],
      removedBefore: now() - settings().metricsRetention * 86_400_000,
    };
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Rejects when it aborts, and takes its listener away in either case.
  return setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
