import type { Clock, NewId } from '../clock/clock.ts';
import { PloinkyError } from '../errors/ploinky-error.ts';
import type { PloinkyDraft, PloinkyEvent } from '../events/catalogue.ts';
import type { EventEnvelope, NewEvent } from '../events/envelope.ts';
import { validate } from '../events/validate.ts';
import type { BlobStore } from '../log/blob-port.ts';
import type { EventLog } from '../log/log-port.ts';
import { guardedViews } from './guarded-views.ts';
import { movePayload } from './move-payload.ts';
import { sameRequest } from './same-request.ts';
import { type Origin, stamp } from './stamp.ts';
import type { Store } from './store.ts';

export interface KernelParts<Views> {
  readonly log: EventLog;
  readonly blobs: BlobStore;
  readonly store: Store<Views>;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Told after each commit; the react loop wakes on it. */
  readonly onCommitted?: (events: readonly EventEnvelope[]) => void;
  /** Resolves when other processes that follow the state have folded what was committed so far. */
  readonly followed?: () => Promise<void>;
}

/**
 * The handle loop: decide on durable state, store, fold, answer. Decisions queue behind one another, so that
 * each sees the events of the one before it; calls of tasks do not (`append`), since their streams are their own.
 */
export class Kernel<Views> {
  readonly #parts: KernelParts<Views>;
  /** Reading one whose projection stopped throws PROJECTION_STOPPED. */
  readonly views: Views;
  #turn: Promise<unknown> = Promise.resolve();
  #closing = false;

  private constructor(parts: KernelParts<Views>) {
    this.#parts = parts;
    this.views = guardedViews(parts.store);
  }

  /** Folds what the store has not folded yet, then follows the log. */
  static async start<Views>(parts: KernelParts<Views>): Promise<Kernel<Views>> {
    const { log, store } = parts;
    let live = false;
    const subscription = log.subscribe({ from: store.seq + 1 }, (events) => {
      if (live) store.apply(events);
      else store.replay(events);
      if (live) parts.onCommitted?.(events);
    });
    await subscription.ready;
    live = true;
    return new Kernel(parts);
  }

  /**
   * One decision. `decide` runs when its turn has come, on state that nothing under way can change. With an
   * idempotency key that came before it answers with the events of then.
   * @returns the stored events, which every follower has folded; none when nothing has to change
   * @throws PloinkyError IDEMPOTENCY_KEY_REUSED when the key came with something else
   */
  async execute(
    decide: (views: Views) => readonly PloinkyDraft[],
    origin: Origin,
    options: { idempotencyKey?: string } = {},
  ): Promise<readonly PloinkyEvent[]> {
    const decided = await this.#inTurn(async () => {
      const drafts = decide(this.views);
      if (drafts.length === 0) return [];
      const stored = await this.append(drafts, origin, options);
      if (options.idempotencyKey !== undefined && !sameRequest(stored, drafts)) {
        throw new PloinkyError('IDEMPOTENCY_KEY_REUSED', 'The Idempotency-Key was used for another request before.');
      }
      return stored;
    });
    await this.#parts.followed?.();
    return decided;
  }

  /**
   * Outcomes of effects. What the state no longer takes is left out: the world answers late, and an outcome that
   * nothing waits for is no longer true. What depends on the state is a function, called in its turn. What belongs
   * `together` is left out as a whole. Every follower has folded them when this resolves: nothing is stopped in the world
   * while a follower still sends requests there.
   */
  async record(
    outcome: readonly PloinkyDraft[] | ((views: Views) => readonly PloinkyDraft[]),
    origin: Origin,
    { together = false }: { readonly together?: boolean } = {},
  ): Promise<readonly PloinkyEvent[]> {
    const recorded = await this.#inTurn(async () => {
      const { store, clock, newId } = this.#parts;
      const drafts = typeof outcome === 'function' ? outcome(this.views) : outcome;
      const next = (draft: NewEvent): PloinkyEvent => ({ ...draft, seq: store.seq + 1, hash: '' }) as PloinkyEvent;
      const taken = drafts.filter((draft) => {
        const [event] = stamp([draft], origin, clock, newId);
        return event !== undefined && store.admits(next(event));
      });
      if (taken.length === 0 || (together && taken.length < drafts.length)) return [];
      return this.append(taken, origin);
    });
    await this.#parts.followed?.();
    return recorded;
  }

  /**
   * Stores without waiting for a turn. Only for streams that nobody else writes to. The promise is the log's own where it can
   * be: each one more in between is felt in every call.
   */
  append(
    drafts: readonly PloinkyDraft[],
    origin: Origin,
    options: { idempotencyKey?: string } = {},
  ): Promise<readonly PloinkyEvent[]> {
    try {
      if (this.#closing) throw new PloinkyError('LOG_CLOSED', 'The server is stopping.');
      const { log, blobs, clock, newId } = this.#parts;
      for (const draft of drafts) validate(draft);
      const events = stamp(drafts, origin, clock, newId);
      for (let i = 0; i < events.length; i += 1) {
        const event = events[i] as NewEvent;
        const data = movePayload(event, blobs);
        if (data !== event.data) return this.#appendMoved(events, i, data, options);
      }
      return log.append(events, options) as Promise<readonly PloinkyEvent[]>;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** @param moved data of the event at `first`; that of those behind it is still to be moved */
  async #appendMoved(
    events: NewEvent[],
    first: number,
    moved: unknown,
    options: { idempotencyKey?: string },
  ): Promise<readonly PloinkyEvent[]> {
    const { log, blobs } = this.#parts;
    for (let i = first; i < events.length; i += 1) {
      const event = events[i] as NewEvent;
      const data = i === first ? moved : movePayload(event, blobs);
      if (data !== event.data) events[i] = { ...event, data: await data };
    }
    return log.append(events, options) as Promise<readonly PloinkyEvent[]>;
  }

  /** Refuses new work and waits for decisions under way. The log stays open. */
  async close(): Promise<void> {
    await this.#turn.catch(() => {});
    this.#closing = true;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => {});
    return result;
  }
}
