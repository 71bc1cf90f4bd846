import { cloudEvents } from './cloud-events.ts';
import { containerEvents, engineEvents } from './container-events.ts';
import type { DraftOf, EventDefinition } from './define.ts';
import { deploymentEvents, releaseEvents } from './deployment-events.ts';
import type { EventEnvelope } from './envelope.ts';
import { logEvents } from './log-events.ts';
import { networkEvents } from './network-events.ts';
import { pruneEvents } from './prune-events.ts';
import { pushEvents } from './push-events.ts';
import { requestEvents } from './request-events.ts';
import { secretEvents } from './secret-events.ts';
import { taskEvents } from './task-events.ts';
import { volumeEvents } from './volume-events.ts';

/** Every event there is, in the order of `docs/events.md`. */
export const catalogue = [
  ...cloudEvents,
  ...pushEvents,
  ...deploymentEvents,
  ...releaseEvents,
  ...containerEvents,
  ...engineEvents,
  ...networkEvents,
  ...volumeEvents,
  ...secretEvents,
  ...taskEvents,
  ...requestEvents,
  ...logEvents,
  ...pruneEvents,
] as const;

/** All drafts, discriminated by `type`. */
export type PloinkyDraft = DraftOf<(typeof catalogue)[number]>;
export type EventType = PloinkyDraft['type'];
export type DataOf<T extends EventType> = Extract<PloinkyDraft, { type: T }>['data'];
/** All stored events, discriminated by `type`. */
export type PloinkyEvent = { [T in EventType]: EventEnvelope<T, DataOf<T>> }[EventType];

const byType: ReadonlyMap<string, EventDefinition> = new Map(catalogue.map((d) => [d.type, d]));

export function definitionOf(type: string): EventDefinition | undefined {
  return byType.get(type);
}
