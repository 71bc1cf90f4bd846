import type { EventEnvelope, NewEvent } from '../events/envelope.ts';

export interface AppendOptions {
  /**
   * Last `seq` of a stream as the caller saw it (0 = the stream must not exist), checked for the stream of
   * the first event. A mismatch rejects with VERSION_CONFLICT, naming stream, expected and actual.
   */
  readonly expectedVersion?: number;
  /** The same key appends once: later calls get the events of the first. At most 200 characters. */
  readonly idempotencyKey?: string;
}

export interface ReadOptions {
  /** First seq, inclusive; default 1. */
  readonly from?: number;
  /** Last seq, inclusive; default the head at the time of the call. */
  readonly to?: number;
  readonly stream?: string;
  readonly types?: readonly string[];
  /** Newest first. Default false. */
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface Head {
  /** 0 for an empty log. */
  readonly seq: number;
  /** Hash of the last event; 64 zeros for an empty log. */
  readonly hash: string;
}

export interface Subscription {
  /** After this returns no further call to the listener begins. */
  close(): void;
}

export interface EventLog {
  /**
   * Stores events in order, all or none, and resolves once they are durable, with `seq` and `hash` set.
   * @throws PloinkyError VERSION_CONFLICT, LOG_WRITE_FAILED (outcome unknown), DISK_FULL, LOG_CLOSED
   */
  append(events: readonly NewEvent[], options?: AppendOptions): Promise<readonly EventEnvelope[]>;

  /** Durable events only, in order. Safe while appends go on. */
  read(options?: ReadOptions): AsyncIterable<EventEnvelope>;

  /**
   * The same events in pieces of some hundreds, none of them empty: for who reads many, since a promise for each event
   * costs more than the event.
   */
  readPieces(options?: ReadOptions): AsyncIterable<readonly EventEnvelope[]>;

  /**
   * History from `from` (default: only what comes) and then live, without a gap and without doubles. The
   * listener is called with one or more consecutive events, synchronously and in order; for live events
   * before the promise of their append resolves, so that a caller always reads its own writes.
   * `ready` resolves when history has been delivered and the subscription is live.
   */
  subscribe(
    options: { readonly from?: number },
    listener: (events: readonly EventEnvelope[]) => void,
  ): Subscription & { readonly ready: Promise<void> };

  /** The last durable event. */
  head(): Head;

  /** Waits for appends under way, then closes. Later calls reject with LOG_CLOSED. Safe to call twice. */
  close(): Promise<void>;
}
