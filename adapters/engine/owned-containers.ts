import type { ContainerInspectInfo } from 'dockerode';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EngineConnection } from './engine-connection.ts';
import { statusOf } from './engine-failure.ts';

/** What a name stands for in the engine. */
export type NameHolder =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'ours'; readonly id: string; readonly answer: ContainerInspectInfo };

/** What both engines allow; 200 characters so that the names of helpers fit behind it. */
export const allowedName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/;

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
