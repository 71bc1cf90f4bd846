import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import { acceptedEvents } from '../../decisions/accepted-events.ts';
import type { Command, CommandOf } from '../../decisions/commands.ts';
import { decide } from '../../decisions/decide.ts';
import type { World } from '../pipeline/world.ts';
import { checkSecretValue } from './secret-value.ts';

type Execute = (command: Command, origin: Origin, idempotencyKey?: string) => Promise<readonly PloinkyEvent[]>;

/**
 * Brings store and log together, one change after the other. A value is durable before the event that names it, so
 * that every version of the log can be read; a removal is durable before the value goes, and is taken up again after a
 * crash. What a crash leaves between is a value that no event names: the next version replaces it.
 */
export class SecretKeeper {
  readonly #world: Pick<World, 'secrets' | 'views' | 'logger'>;
  readonly #execute: Execute;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(world: Pick<World, 'secrets' | 'views' | 'logger'>, execute: Execute) {
    this.#world = world;
    this.#execute = execute;
  }

  /**
   * @returns the version that the value has now
   * @throws PloinkyError SECRET_VALUE_INVALID, SECRET_NOT_FOUND, INVALID_NAME, SECRET_KEY_*, IDEMPOTENCY_KEY_REUSED
   */
  set(command: CommandOf<'setSecret'>, value: unknown, origin: Origin, key?: string): Promise<number> {
    return this.#inTurn(async () => {
      checkSecretValue(value);
      const { secrets, views } = this.#world;
      const { name } = command;
      const version = versionIn(acceptedEvents(decide(views, command)));
      await secrets.put(name, version, value);
      const stored = versionIn(await this.#execute(command, origin, key));
      if (stored !== version) {
        // The same request came before; this time it changes nothing.
        await secrets.discard(name, version);
        sameValue(await secrets.get(name, stored), value);
      }
      return stored;
    });
  }

  /** @returns the versions that were destroyed @throws PloinkyError SECRET_NOT_FOUND, SECRET_IN_USE, SECRET_NOT_DESTROYED */
  remove(command: CommandOf<'removeSecret'>, origin: Origin, key?: string): Promise<readonly number[]> {
    return this.#inTurn(async () => {
      const [event] = await this.#execute(command, origin, key);
      if (event?.type !== 'secret.removed') throw new Error('a removal was accepted without secret.removed');
      // A request that came before a second time: the secret may be there again.
      if (this.#isGone(command.name)) await this.#destroy(command.name);
      return event.data.versions;
    });
  }

  /**
   * The log has taken a removal, perhaps without an answer to whoever asked for it: a write whose outcome was unknown may turn
   * out to have been stored. Never rejects.
   */
  removed(name: string): Promise<void> {
    return this.#inTurn(async () => {
      try {
        // Throws where the secrets of the log are not known.
        if (this.#isGone(name)) await this.#destroy(name);
      } catch (error) {
        this.#world.logger.error({ secret: name, err: error }, 'a value is still there');
      }
    });
  }

  /** After a start: values whose removal is in the log go, and a key that does not fit is said at once. Never rejects. */
  resume(): Promise<void> {
    return this.#inTurn(async () => {
      const { secrets, logger } = this.#world;
      try {
        for (const name of await secrets.names()) {
          if (!this.#isGone(name)) continue;
          await secrets.remove(name);
          logger.warn({ secret: name }, 'destroyed a value whose removal had been cut off');
        }
        await secrets.check();
      } catch (error) {
        logger.error({ err: error }, 'secrets cannot be read; containers that need them will not start');
      }
    });
  }

  async #destroy(name: string): Promise<void> {
    try {
      await this.#world.secrets.remove(name);
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? 'for an unknown reason';
      const message = `${name} is removed, but its encrypted value could not be destroyed (${why}).`;
      throw new PloinkyError('SECRET_NOT_DESTROYED', message, { cause: error });
    }
  }

  #isGone(name: string): boolean {
    return this.#world.views.secrets.get(name)?.versions.length === 0;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

function versionIn(events: readonly { readonly type: string; readonly data: unknown }[]): number {
  const event = events.find(({ type }) => type === 'secret.set');
  if (!event) throw new Error('a secret was accepted without secret.set');
  return (event.data as { version: number }).version;
}

function sameValue(before: string, value: string): void {
  if (before === value) return;
  throw new PloinkyError('IDEMPOTENCY_KEY_REUSED', 'The Idempotency-Key was used for another value before.');
}
