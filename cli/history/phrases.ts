import type { DataOf, EventType } from '../../core/events/catalogue.ts';

/** One phrase for each event type: what happened, for people. Pure; the name of the stream is the subject's. */
export type Phrases<T extends EventType> = {
  readonly [K in T]: (data: DataOf<K>, subject: string) => string;
};
