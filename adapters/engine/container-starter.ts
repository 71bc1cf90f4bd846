import type { ContainerCreateOptions } from 'dockerode';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { createRequest } from './create-request.ts';
import type { EngineConnection } from './engine-connection.ts';
import { engineWords, statusOf } from './engine-failure.ts';
import type { ContainerSpec } from './engine-port.ts';
import type { EngineTraits } from './engine-traits.ts';
import { type OwnedContainers, refusedWith } from './owned-containers.ts';

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
  #init: EngineTraits['init'];

  /** @param user `uid:gid` inside, see `userInside` */
  constructor(connection: EngineConnection, owned: OwnedContainers, user: string, traits: EngineTraits) {
    this.#connection = connection;
    this.#owned = owned;
    this.#user = user;
    this.#selinux = traits.selinux;
    this.#init = traits.init;
  }

  /**
   * A new container under the name, not started. What of ours has the name goes first.
   * @throws PloinkyError NAME_TAKEN, IMAGE_NOT_FOUND, START_FAILED
   */
  async createInstead(spec: ContainerSpec, signal: AbortSignal): Promise<string> {
    const holder = await this.#owned.find(spec.name, signal);
    if (holder.kind === 'foreign') throw nameTaken(spec.name);
    if (holder.kind === 'ours') await this.#owned.removeById(holder.id, signal);
    try {
      return await this.#create(spec, signal);
    } catch (error) {
      // Docker says 409 and Podman 500 when the name was taken meanwhile: looking is what tells on both.
      if (isPloinkyError(error, 'ENGINE_FAILED') && statusOf(error.cause) !== 404) {
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
    const { name, ...body } = createRequest(spec, { user: this.#user, selinux: this.#selinux, init });
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
      await this.#connection.ask(
        'start a container',
        signal,
        (docker, abortSignal) => docker.getContainer(id).start({ abortSignal }),
        createMs,
      );
    } catch (error) {
      throw this.#startFailure(spec, error);
    }
  }

  #startFailure(spec: ContainerSpec, error: unknown): unknown {
    if (!isPloinkyError(error, 'ENGINE_FAILED')) return error;
    const words = engineWords(error.cause);
    if (statusOf(error.cause) === 404 && /no such image|image not known/i.test(words)) {
      return new PloinkyError(
        'IMAGE_NOT_FOUND',
        `${this.#connection.who} has no image ${spec.image} for ${spec.name}: ${words}`,
      );
    }
    return new PloinkyError('START_FAILED', `${this.#connection.who} cannot start ${spec.name}: ${words}`, {
      cause: error.cause,
    });
  }

  /** Whatever the caller still waits for; what stays is replaced by the next container of the name. */
  async takeAway(id: string): Promise<void> {
    await this.#owned.removeById(id, AbortSignal.timeout(cleanUpMs)).catch(() => undefined);
  }
}

function nameTaken(name: string): PloinkyError {
  return new PloinkyError('NAME_TAKEN', `A container named ${name} exists and does not belong to this cloud.`);
}
