import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import type { GetEventsOptions } from 'dockerode';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { followOutput, readOutput } from './container-output.ts';
import { ContainerStarter } from './container-starter.ts';
import type { ContainerStats } from './container-stats.ts';
import type { EngineConnection } from './engine-connection.ts';
import type {
  ContainerSpec,
  Engine,
  EngineName,
  EngineNotice,
  ExecOptions,
  ExecOutcome,
  InspectedContainer,
  ObservedContainer,
  ResolvedImage,
  RunOutcome,
  StartedContainer,
  StoredImage,
} from './engine-port.ts';
import type { EngineTraits, VersionAnswer } from './engine-traits.ts';
import { noticeFromEvent } from './event-notice.ts';
import { watchEvents } from './event-watch.ts';
import { execInContainer } from './exec-in-container.ts';
import { followContainer } from './follow-container.ts';
import { hostImage, importHostImage } from './host-image.ts';
import { imageDigests, inspectedContainer } from './inspected-container.ts';
import { leftHelpers } from './left-behind.ts';
import { metadataGate } from './metadata-gate.ts';
import { observedFromInspect, observedFromList, publishedPort } from './observed-container.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { FollowOptions, FollowOutcome, TakeLines } from './output-line.ts';
import { OwnedContainers, refusedWith } from './owned-containers.ts';
import { resolveImage } from './resolve-image.ts';
import { resumeContainer } from './resume-container.ts';
import { SocketNetworks } from './socket-networks.ts';
import { SocketVolumes } from './socket-volumes.ts';
import { statsOfContainer } from './stats-of-container.ts';
import { endOf, stopContainer } from './stop-container.ts';
import { removeStoredImage, storedImages } from './stored-images.ts';
import { TextTail } from './text-tail.ts';
import { helperLabel } from './volume-handover.ts';

const outputBytes = 64 * 1024;

export interface SocketEngineOptions {
  readonly connection: EngineConnection;
  readonly traits: EngineTraits;
  readonly endpoint: string;
  readonly cloudId: string;
  /** `uid:gid` inside containers, see `userInside`. */
  readonly user: string;
}

interface VersionCall {
  version(options: { abortSignal: AbortSignal }): Promise<VersionAnswer>;
}

/** Docker or Podman behind Docker's API. */
export class SocketEngine implements Engine {
  readonly name: EngineName;
  readonly endpoint: string;
  readonly networks: SocketNetworks;
  readonly volumes: SocketVolumes;
  readonly #connection: EngineConnection;
  readonly #owned: OwnedContainers;
  readonly #cloudId: string;
  readonly #starter: ContainerStarter;
  readonly #byName = new OneAtATime();
  readonly #imports = new OneAtATime();
  readonly #watches = new Set<{ close(): void }>();

  constructor(options: SocketEngineOptions) {
    this.name = options.traits.engine;
    this.endpoint = options.endpoint;
    this.#connection = options.connection;
    this.#owned = new OwnedContainers(options.connection, options.cloudId);
    this.#cloudId = options.cloudId;
    const gate = metadataGate(options.traits, options.endpoint);
    this.networks = new SocketNetworks(options.connection, options.cloudId, gate);
    this.volumes = new SocketVolumes(options.connection, options.cloudId);
    this.#starter = new ContainerStarter(options.connection, this.#owned, options.user, options.traits);
  }

  async version(signal: AbortSignal): Promise<string> {
    try {
      const answer: VersionAnswer = await this.#connection.ask('say its version', signal, (docker, abortSignal) =>
        // The types know only the older form with a callback.
        (docker as unknown as VersionCall).version({ abortSignal }),
      );
      return answer.Version ?? 'unknown';
    } catch (error) {
      if (!isPloinkyError(error, 'ENGINE_FAILED')) throw error;
      throw new PloinkyError('ENGINE_UNAVAILABLE', error.message, { cause: error });
    }
  }

  async resolveImage(
    reference: string | null,
    options: { signal: AbortSignal; onProgress?: (line: string) => void },
  ): Promise<ResolvedImage> {
    return await resolveImage(this.#connection, reference, options);
  }

  importHostImage(signal: AbortSignal, onProgress?: (line: string) => void): Promise<ResolvedImage> {
    return this.#imports.run(hostImage, () => importHostImage(this.#connection, signal, onProgress));
  }

  images(signal: AbortSignal): Promise<readonly StoredImage[]> {
    return storedImages(this.#connection, signal);
  }

  removeImage(id: string, signal: AbortSignal): Promise<boolean> {
    return removeStoredImage(this.#connection, id, signal);
  }

  async runOnce(
    spec: ContainerSpec,
    options: { signal: AbortSignal; onOutput?: (chunk: string) => void },
  ): Promise<RunOutcome> {
    const { signal, onOutput } = options;
    const id = await this.#byName.run(spec.name, () => this.#starter.createInstead(spec, signal));
    try {
      await this.#starter.startCreated(spec, id, signal);
      const tail = new TextTail(outputBytes);
      const output = followOutput(this.#connection, id, (text) => {
        tail.push(text);
        onOutput?.(text);
      });
      try {
        const exitCode = await endOf(this.#connection, id, signal, null);
        await output.finish(signal);
        return { exitCode, output: tail.text() };
      } finally {
        output.close();
      }
    } finally {
      await this.#starter.takeAway(id);
    }
  }

  start(spec: ContainerSpec, signal: AbortSignal): Promise<StartedContainer> {
    return this.#byName.run(spec.name, async () => {
      const holder = await this.#owned.find(spec.name, signal);
      if (holder.kind === 'ours') {
        const found = observedFromInspect(holder.answer);
        if (found.status === 'running' && found.specHash === spec.specHash) {
          return { engineId: found.engineId, adopted: true, hostPort: found.hostPort };
        }
      }
      const id = await this.#starter.createInstead(spec, signal, holder);
      try {
        await this.#starter.startCreated(spec, id, signal);
        // Which port the engine chose; without one there is nothing to ask.
        const answer = spec.publishPort === null ? null : await this.#owned.inspect(id, signal);
        return { engineId: id, adopted: false, hostPort: answer === null ? null : publishedPort(answer) };
      } catch (error) {
        await this.#starter.takeAway(id);
        throw error;
      }
    });
  }

  async stop(
    name: string,
    options: { graceMs: number; signal: AbortSignal },
  ): Promise<{ exitCode: number | null } | null> {
    const holder = await this.#owned.find(name, options.signal);
    if (holder.kind !== 'ours') return null;
    return { exitCode: await stopContainer(this.#connection, this.#owned, holder.answer, options) };
  }

  async remove(name: string, signal: AbortSignal): Promise<boolean> {
    const holder = await this.#owned.find(name, signal);
    if (holder.kind !== 'ours') return false;
    await this.#owned.removeById(holder.id, signal);
    return true;
  }

  async list(signal: AbortSignal): Promise<readonly ObservedContainer[]> {
    const items = await this.#connection.ask('list containers', signal, (docker, abortSignal) =>
      docker.listContainers({ all: true, filters: { label: [`ploinky.cloud=${this.#cloudId}`] }, abortSignal }),
    );
    for (const id of leftHelpers(items, this.#cloudId, this.#starter.handovers)) void this.#starter.takeAway(id);
    const ours = items.filter(
      (item) => item.Labels?.['ploinky.cloud'] === this.#cloudId && !(helperLabel in item.Labels),
    );
    // One for each that has ended, so many are no leak.
    setMaxListeners(0, signal);
    const observed = await Promise.all(
      ours.map(async (item) => {
        const running = observedFromList(item);
        if (running !== null) return running;
        const answer = await this.#owned.inspect(item.Id, signal);
        return answer === null ? null : observedFromInspect(answer);
      }),
    );
    return observed.filter((container) => container !== null);
  }

  async inspect(name: string, signal: AbortSignal): Promise<InspectedContainer | null> {
    const holder = await this.#owned.find(name, signal);
    if (holder.kind !== 'ours') return null;
    return inspectedContainer(holder.answer, await imageDigests(this.#connection, holder.answer.Image, signal));
  }

  async output(name: string, options: { tailLines: number; signal: AbortSignal }): Promise<string> {
    const holder = await this.#owned.find(name, options.signal);
    if (holder.kind !== 'ours') return '';
    try {
      return await readOutput(this.#connection, holder.id, options.tailLines, options.signal);
    } catch (error) {
      if (refusedWith(error, 404)) return '';
      throw error;
    }
  }

  follow(name: string, options: FollowOptions, take: TakeLines): Promise<FollowOutcome> {
    return followContainer(this.#connection, this.#owned, name, options, take);
  }

  async exec(name: string, command: string, options: ExecOptions): Promise<ExecOutcome | null> {
    const holder = await this.#owned.find(name, options.signal);
    if (holder.kind !== 'ours') return null;
    return execInContainer(this.#connection, this.#owned, holder.answer, command, options);
  }

  async resume(name: string, signal: AbortSignal): Promise<boolean> {
    const holder = await this.#owned.find(name, signal);
    if (holder.kind !== 'ours') return false;
    await resumeContainer(this.#connection, holder.id, signal);
    const now = await this.#owned.inspect(holder.id, signal);
    return now !== null && observedFromInspect(now).status === 'running';
  }

  stats(name: string, signal: AbortSignal): Promise<ContainerStats | null> {
    return statsOfContainer(this.#connection, this.#owned, name, signal);
  }

  watch(listener: (notice: EngineNotice) => void): { close(): void } {
    const filters = { type: ['container'], label: [`ploinky.cloud=${this.#cloudId}`] };
    const watch = watchEvents({
      // Without an end: an engine may send the head of its answer only with the first event.
      open: (signal) =>
        this.#connection.ask(
          'send its events',
          signal,
          async (docker, abortSignal) =>
            (await docker.getEvents({ filters, abortSignal } as GetEventsOptions)) as unknown as Readable,
          null,
        ),
      translate: (line) => noticeFromEvent(line, this.#cloudId),
      listener,
    });
    this.#watches.add(watch);
    return {
      close: () => {
        this.#watches.delete(watch);
        watch.close();
      },
    };
  }

  async close(): Promise<void> {
    for (const watch of this.#watches) watch.close();
    this.#watches.clear();
    this.#connection.close();
  }
}
