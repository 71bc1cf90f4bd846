import { type Clock, isoTime, type NewId } from '../clock/clock.ts';
import { definitionOf, type PloinkyDraft } from '../events/catalogue.ts';
import type { NewEvent } from '../events/envelope.ts';

/** Where events come from: the same for all events of one decision. */
export interface Origin {
  readonly actor: string;
  readonly cause: string | null;
  readonly trace: string;
}

/** Drafts get id, time and origin; the log adds place and hash. */
export function stamp(drafts: readonly PloinkyDraft[], origin: Origin, clock: Clock, newId: NewId): NewEvent[] {
  const time = isoTime(clock.now());
  return drafts.map((draft) => ({
    id: newId(),
    time,
    type: draft.type,
    v: definitionOf(draft.type)?.v ?? 1,
    stream: draft.stream,
    data: draft.data,
    actor: origin.actor,
    cause: origin.cause,
    trace: origin.trace,
  }));
}
