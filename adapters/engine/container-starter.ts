import type { ContainerCreateOptions } from 'dockerode';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import { checkFolders, makeVolumes } from './container-mounts.ts';
import { createRequest } from './create-request.ts';
import type { EngineConnection } from './engine-connection.ts';
import { engineDiskFull, engineWords } from './engine-failure.ts';
import type { ContainerSpec } from './engine-port.ts';
import type { EngineTraits } from './engine-traits.ts';
import { allowedName, type NameHolder, type OwnedContainers, refusedWith } from './owned-containers.ts';
import { endOf } from './stop-container.ts';
import { handoverRequest } from './volume-handover.ts';

/** Creating unpacks layers and starting may set up networks: slower than a question, on a loaded machine much slower. */
const createMs = 120_000;
/** For what has to be taken away although the caller has given up already. */
const cleanUpMs = 10_000;

/** From a spec to a running container, and away again when that fails half way. */
export class ContainerStarter {
  readonly #connection: EngineConnection;
  readonly #owned: OwnedContainers;
  readonly #user: string;
  readonly #selinux: boolean;
  readonly #linkLocal: boolean;
  readonly #controllers: EngineTraits['controllers'];
  readonly #handovers = new Set<string>();
  #init: EngineTraits['init'];

  /** @param user `uid:gid` inside, see `userInside` */
  constructor(connection: EngineConnection, owned: OwnedContainers, user: string, traits: EngineTraits) {
    this.#connection = connection;
    this.#owned = owned;
    this.#user = user;
    this.#selinux = traits.selinux;
    this.#linkLocal = traits.engine === 'docker';
    this.#controllers = traits.controllers;
    this.#init = traits.init;
  }

  /** Names of the helpers that are at work. */
  get handovers(): ReadonlySet<string> {
    return this.#handovers;
  }

  /**
   * A new container under the name, not started. What of ours has the name goes first.
   * @param found who has the name, where that was just asked
   * @throws PloinkyError NAME_TAKEN, IMAGE_NOT_FOUND, START_FAILED
   */
  async createInstead(spec: ContainerSpec, signal: AbortSignal, found?: NameHolder): Promise<string> {
    // With an empty name the engines would invent one.
    if (!allowedName.test(spec.name)) {
      throw new PloinkyError('START_FAILED', `${quote(spec.name)} cannot be the name of a container.`);
    }
    const holder = found ?? (await this.#owned.find(spec.name, signal));
    if (holder.kind === 'foreign') throw nameTaken(spec.name);
    if (holder.kind === 'ours') await this.#owned.removeById(holder.id, signal);
    await checkFolders(spec);
    try {
      await makeVolumes(this.#connection, spec, signal);
      await this.#handOverVolumes(spec, signal);
      return await this.#create(spec, signal);
    } catch (error) {
      if (refusedWith(error, 404)) {
        throw new PloinkyError(
          'IMAGE_NOT_FOUND',
          `${this.#connection.who} has no image ${spec.image} for ${spec.name}.`,
        );
      }
      // Docker says 409 and Podman 500 when the name was taken meanwhile: looking is what tells on both.
      if (isPloinkyError(error, 'ENGINE_FAILED')) {
        const now = await this.#owned.find(spec.name, signal);
        if (now.kind === 'foreign') throw nameTaken(spec.name);
        if (now.kind === 'ours') {
          throw new PloinkyError('START_FAILED', `Another request created ${spec.name} at the same moment.`);
        }
      }
      throw this.#startFailure(spec, error);
    }
  }

  async #create(spec: ContainerSpec, signal: AbortSignal): Promise<string> {
    if (this.#init !== 'unknown') return await this.#requestCreate(spec, this.#init === 'yes', signal);
    try {
      const id = await this.#requestCreate(spec, true, signal);
      this.#init = 'yes';
      return id;
    } catch (error) {
      if (!refusedWith(error, 500)) throw error;
      const id = await this.#requestCreate(spec, false, signal);
      // It works without and did not with: the engine has no init program.
      this.#init = 'no';
      return id;
    }
  }

  #requestCreate(spec: ContainerSpec, init: boolean, signal: AbortSignal): Promise<string> {
    const traits = { user: this.#user, selinux: this.#selinux, linkLocal: this.#linkLocal };
    return this.#send(createRequest(spec, { ...traits, init, controllers: this.#controllers }), signal);
  }

  async #send(request: ContainerCreateOptions, signal: AbortSignal): Promise<string> {
    try {
      return await this.#post(request, signal);
    } catch (error) {
      if (!(await this.#owned.removeRemains(request.name ?? '', error, signal))) throw error;
      return await this.#post(request, signal);
    }
  }

  #post({ name, ...body }: ContainerCreateOptions, signal: AbortSignal): Promise<string> {
    // Query and body apart, or dockerode repeats the whole body, environment included, in the address.
    const request = { _query: { name }, _body: body } as unknown as ContainerCreateOptions;
    return this.#connection.ask(
      'create a container',
      signal,
      async (docker, abortSignal) => (await docker.createContainer({ ...request, abortSignal })).id,
      createMs,
    );
  }

  /** @throws PloinkyError IMAGE_NOT_FOUND, START_FAILED */
  async startCreated(spec: ContainerSpec, id: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#start(id, signal);
    } catch (error) {
      throw this.#startFailure(spec, error);
    }
  }

  async #start(id: string, signal: AbortSignal): Promise<void> {
    await this.#connection.ask(
      'start a container',
      signal,
      (docker, abortSignal) => docker.getContainer(id).start({ abortSignal }),
      createMs,
    );
  }

  #startFailure(spec: ContainerSpec, error: unknown): unknown {
    if (isPloinkyError(error, 'ENGINE_DISK_FULL')) {
      return engineDiskFull(this.#connection.who, `start ${spec.name}`, engineWords(error.cause), error.cause);
    }
    if (!isPloinkyError(error, 'ENGINE_FAILED')) return error;
    return new PloinkyError(
      'START_FAILED',
      `${this.#connection.who} cannot start ${spec.name}: ${engineWords(error.cause)}`,
      {
        cause: error.cause,
      },
    );
  }

  async #handOverVolumes(spec: ContainerSpec, signal: AbortSignal): Promise<void> {
    const request = handoverRequest(spec, this.#user, this.#controllers);
    if (request === null) return;
    const name = request.name ?? '';
    this.#handovers.add(name);
    try {
      await this.#handOver(name, request, signal);
    } finally {
      this.#handovers.delete(name);
    }
  }

  async #handOver(name: string, request: ContainerCreateOptions, signal: AbortSignal): Promise<void> {
    const left = await this.#owned.find(name, signal);
    if (left.kind === 'ours') await this.#owned.removeById(left.id, signal);
    const id = await this.#send(request, signal);
    try {
      await this.#start(id, signal);
      await endOf(this.#connection, id, signal, createMs);
    } catch (error) {
      // An image without chown may only want to read; one that writes says itself that it cannot.
      if (!isPloinkyError(error, 'ENGINE_FAILED')) throw error;
    } finally {
      await this.takeAway(id);
    }
  }

  /** Whatever the caller still waits for; what stays is replaced by the next container of the name. */
  async takeAway(id: string): Promise<void> {
    await this.#owned.removeById(id, AbortSignal.timeout(cleanUpMs)).catch(() => undefined);
  }
}

function nameTaken(name: string): PloinkyError {
  return new PloinkyError('NAME_TAKEN', `A container named ${name} exists and does not belong to this cloud.`);
}
