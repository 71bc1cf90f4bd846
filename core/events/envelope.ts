/**
 * The shape every event has, whatever its type. `data` is described per type in the catalogue.
 */
export interface EventEnvelope<Type extends string = string, Data = unknown> {
  /** Contiguous from 1. The only order there is. */
  readonly seq: number;
  readonly id: string;
  /** UTC, ISO 8601 with milliseconds. Information only: clocks jump, `seq` does not. */
  readonly time: string;
  readonly type: Type;
  /** Schema version of the type. */
  readonly v: number;
  /** The entity the event belongs to, for example `deployment:localhost/demo`. */
  readonly stream: string;
  readonly data: Data;
  /** Who caused it: `admin:<keyId>`, `anonymous`, `system:<loop>`. */
  readonly actor: string;
  /** Id of the event or command that led to this one; null only for what came straight from outside. */
  readonly cause: string | null;
  /** One per outside request; everything that follows from the request carries it. */
  readonly trace: string;
  /** SHA-256 (hex) over the previous event's hash and this event's stored bytes. */
  readonly hash: string;
}

/** An event before the log gave it its place. The log fills in `seq` and `hash`. */
export interface NewEvent<Type extends string = string, Data = unknown> {
  readonly id: string;
  readonly time: string;
  readonly type: Type;
  readonly v: number;
  readonly stream: string;
  readonly data: Data;
  readonly actor: string;
  readonly cause: string | null;
  readonly trace: string;
}

/** What deciders and adapters return: the kernel adds id, time, actor, cause and trace. */
export interface EventDraft<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly stream: string;
  readonly data: Data;
}

/** In place of a payload over 8 KiB: its content lies in the blob store under this SHA-256. */
export interface BlobReference {
  readonly $blob: string;
  /** Bytes of the JSON text that was moved out. */
  readonly size: number;
}
