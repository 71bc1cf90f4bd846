import type { ContainerInspectInfo } from 'dockerode';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { isNameIn } from '../../core/names/names.ts';
import type { EngineConnection } from './engine-connection.ts';
import { engineWords, statusOf } from './engine-failure.ts';

/** What a name stands for in the engine. */
export type NameHolder =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'ours'; readonly id: string; readonly answer: ContainerInspectInfo };

/** What both engines allow; 200 characters so that the names of helpers fit behind it. */
export const allowedName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/;

/** Podman's words; Docker's name a container that can be inspected. */
const holderOfName = /is already in use by ([0-9a-f]{64})/;

/**
 * Finding and removing by name. Nothing without the label of this cloud is ever touched, and everything after the
 * look is done by id, so that a name which changes hands in between cannot lead to somebody else's container.
 */
export class OwnedContainers {
  readonly #connection: EngineConnection;
  readonly #cloudId: string;

  constructor(connection: EngineConnection, cloudId: string) {
    this.#connection = connection;
    this.#cloudId = cloudId;
  }

  async find(name: string, signal: AbortSignal): Promise<NameHolder> {
    // Nothing of ours has another name, and dockerode puts it into a path as it is.
    if (!allowedName.test(name)) return { kind: 'nobody' };
    const answer = await this.inspect(name, signal);
    // Engines also take the beginning of an id where a name is expected.
    if (answer === null || answer.Name.replace(/^\//, '') !== name) return { kind: 'nobody' };
    if (answer.Config.Labels?.['ploinky.cloud'] !== this.#cloudId) return { kind: 'foreign' };
    return { kind: 'ours', id: answer.Id, answer };
  }

  /** Null when there is nothing of that name or id. */
  async inspect(nameOrId: string, signal: AbortSignal): Promise<ContainerInspectInfo | null> {
    try {
      return await this.#connection.ask('inspect a container', signal, (docker, abortSignal) =>
        docker.getContainer(nameOrId).inspect({ abortSignal }),
      );
    } catch (error) {
      if (refusedWith(error, 404)) return null;
      throw error;
    }
  }

  /** Removes, with its anonymous volumes; fine when it is gone already. */
  async removeById(id: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#connection.ask('remove a container', signal, (docker, abortSignal) =>
        docker.getContainer(id).remove({ force: true, v: true, abortSignal }),
      );
    } catch (error) {
      if (refusedWith(error, 404)) return;
      // A removal is under way already (Docker: 409). It is done when the container cannot be found any more.
      if (!refusedWith(error, 409)) throw error;
      await this.#untilGone(id, signal);
    }
  }

  /**
   * Podman that had no room for it may forget a container and keep its storage, which holds the name and is in no list: the next
   * one of that name is refused until this is removed. Its labels are gone, so that only the name tells whose it was.
   * @param refusal what the engine answered when asked for a container of that name
   * @returns false when that was no such refusal, or nothing of ours
   */
  async removeRemains(name: string, refusal: unknown, signal: AbortSignal): Promise<boolean> {
    const id = isPloinkyError(refusal) ? holderOfName.exec(engineWords(refusal.cause))?.[1] : undefined;
    if (id === undefined || !isNameIn(name, this.#cloudId)) return false;
    // What the engine still knows has labels to go by.
    if ((await this.inspect(id, signal)) !== null) return false;
    await this.removeById(id, signal);
    return true;
  }

  async #untilGone(id: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#connection.ask('wait for a removal', signal, (docker, abortSignal) =>
        docker.getContainer(id).wait({ condition: 'removed', abortSignal }),
      );
    } catch (error) {
      if (!refusedWith(error, 404)) throw error;
    }
  }
}

/** Whether the engine answered with this HTTP status. */
export function refusedWith(error: unknown, status: number): boolean {
  return isPloinkyError(error, 'ENGINE_FAILED') && statusOf(error.cause) === status;
}
