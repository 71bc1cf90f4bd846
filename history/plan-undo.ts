import { PloinkyError } from '../core/errors/ploinky-error.ts';
import type { PloinkyDraft, PloinkyEvent } from '../core/events/catalogue.ts';
import { upcast } from '../core/events/upcast.ts';
import { acceptedEvents } from '../decisions/accepted-events.ts';
import type { CommandOf } from '../decisions/commands.ts';
import { decide } from '../decisions/decide.ts';
import { undoableTypes } from '../decisions/decide-undo.ts';
import { type Before, beforeOf, nothingBefore, placeBefore } from '../decisions/undo-before.ts';
import type { Views } from '../projections/views.ts';
import type { Past } from './past.ts';
import { repositoryUrlOf } from './plan-rollback.ts';

export type UndoCommand = CommandOf<'undo'>;

export interface UndoPlan {
  /** The event to take back. */
  readonly event: PloinkyEvent;
  /** What would be stored. */
  readonly events: readonly PloinkyDraft[];
}

/**
 * Finds what takes an event back; changes nothing.
 * @throws PloinkyError MOMENT_UNKNOWN, UNDO_IMPOSSIBLE, UNDO_BLOCKED with `details.dependants`, and refusals of a rollback
 */
export async function planUndo(
  past: Past,
  views: Views,
  { seq, reason }: { readonly seq: number; readonly reason: string | null },
): Promise<{ readonly command: UndoCommand; readonly plan: UndoPlan }> {
  const event = await eventAt(past, seq);
  const undoable = (undoableTypes as readonly string[]).includes(event.type);
  const before = undoable ? await whatWasBefore(past, views, event) : nothingBefore;
  const later = undoable ? await laterEvents(past, views, event) : [];
  const url = before.deployment?.routed
    ? await repositoryUrlOf(past, views, event.stream.slice('deployment:'.length), before.deployment.routed)
    : '';
  const command: UndoCommand = { type: 'undo', event, before, later, url, reason };
  return { command, plan: { event, events: acceptedEvents(decide(views, command)) } };
}

async function eventAt(past: Past, seq: number): Promise<PloinkyEvent> {
  await past.find(`seq:${seq}`);
  for await (const stored of past.log.read({ from: seq, to: seq })) {
    const event = upcast(stored);
    if (event) return event;
  }
  throw new PloinkyError('MOMENT_UNKNOWN', `Event ${seq} is of no type that this Ploinky can undo.`);
}

async function whatWasBefore(past: Past, views: Views, event: PloinkyEvent): Promise<Before> {
  const { store } = await past.stateAt(placeBefore(views, event));
  return beforeOf(store.views, event);
}

/** Of the same thing; where deployments may build on it, of all of them as well. The index of streams finds them. */
async function laterEvents({ log }: Past, views: Views, event: PloinkyEvent): Promise<PloinkyEvent[]> {
  const mayCarry = event.type === 'domain.added' || event.type === 'repository.added';
  const deployments = mayCarry ? [...views.deployments.keys()].map((id) => `deployment:${id}`) : [];
  const later: PloinkyEvent[] = [];
  for (const stream of [event.stream, ...deployments]) {
    for await (const stored of log.read({ from: event.seq + 1, stream, types: undoableTypes })) {
      const one = upcast(stored);
      if (one) later.push(one);
    }
  }
  return later.sort((a, b) => a.seq - b.seq);
}
