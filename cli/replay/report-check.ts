import { createPatch } from 'rfc6902';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { Comparison, Divergence } from '../../history/compare-reducers.ts';
import type { EntityChange } from '../../history/compare-states.ts';
import { changeLines } from '../history/change-lines.ts';
import { EventLines } from '../history/event-line.ts';
import type { Session } from '../session.ts';
import { counted } from '../terminal/bar.ts';
import { bold, cross, dim, joinText, type Text, t, tick } from '../terminal/text.ts';
import { checkHeld, checkReducers, type HeldCheck } from './check.ts';

const mostEntities = 10;
const mostChanges = 20;

/** `cloud replay --check`: says whether the fold is what it should be. Answers the exit code. */
export async function replayCheck(
  session: Session,
  dir: string | undefined,
  reducers: string | undefined,
): Promise<number> {
  const began = session.surroundings.now();
  const elapsed = () => Math.round(session.surroundings.now() - began);
  if (reducers !== undefined) {
    const result = await checkReducers(session, dir, reducers);
    session.out.result({ ...comparisonJson(result), elapsedMs: elapsed() }, () => comparisonText(result, reducers));
    return result.first === null ? 0 : 1;
  }
  const result = await checkHeld(session, dir);
  const other = dir === undefined ? 'the server holds' : 'a start makes of it';
  session.out.result({ ...result, elapsedMs: elapsed() }, () => heldText(result, other));
  return result.identical && result.stopped.length === 0 ? 0 : 1;
}

function heldText(result: HeldCheck, other: string): Text {
  const { events, identical, first, snapshot, snapshots, differences, stopped } = result;
  const notes = [...deletedLines(result.deleted), ...stopped.map((message) => t`${cross} ${message}`)];
  if (identical) {
    const kept = snapshots === 0 ? '' : `, and to ${counted(snapshots, 'snapshot')} on the way`;
    return joinText([
      t`${tick} identical: ${counted(events, 'event')} fold to the state that ${other}${kept}.`,
      ...notes,
    ]);
  }
  if (first && snapshot !== null) {
    return joinText([
      t`${cross} The snapshot after event ${snapshot} is the first that differs from the fold of the events up to it.`,
      eventLine(first),
      ...entityLines(differences),
      sidesLine('the snapshot holds'),
      t`  Snapshots can be deleted at any time: remove the folder snapshots, and the next start folds the log again.`,
      ...notes,
    ]);
  }
  const where = first
    ? [t`${cross} Event ${first.seq} is the first after which the fold differs from what ${other}.`, eventLine(first)]
    : [
        t`${cross} ${counted(events, 'event')} fold to another state than ${other}, which itself folds the past as this does.`,
      ];
  return joinText([...where, ...entityLines(differences), sidesLine(other), ...notes]);
}

function deletedLines(deleted: HeldCheck['deleted']): Text[] {
  if (!deleted) return [];
  const { from, to, projections } = deleted;
  return [t`  Not compared, since the task events among ${from} to ${to} were deleted: ${projections.join(', ')}`];
}

function entityLines(differences: readonly EntityChange[]): Text[] {
  const shown = differences
    .slice(0, mostEntities)
    .flatMap(({ projection, key, changes }) => [
      t`  ${bold(projection)} ${key}`,
      ...changeLines(changes, mostChanges).map((line) => t`    ${line}`),
    ]);
  const rest = differences.length - mostEntities;
  return rest > 0 ? [...shown, dim(`  … and ${rest} more entities`)] : shown;
}

function sidesLine(other: string): Text {
  return dim(`  Left: the fold of the events here. Right: what ${other}.`);
}

function comparisonText(result: Comparison, folder: string): Text {
  const lines: Text[] = [];
  const { first } = result;
  if (first === null) {
    lines.push(
      t`${tick} identical: ${counted(result.events, 'event')} fold to the same with the reducers of ${folder}.`,
    );
  } else {
    lines.push(t`${cross} Event ${first.event.seq} is the first that the reducers of ${folder} fold differently.`);
    lines.push(eventLine(first.event));
    lines.push(t`  ${bold(first.projection)} ${first.key ?? ''}`);
    lines.push(...changeLines(first.changes, mostChanges).map((line) => t`    ${line}`));
    lines.push(dim(`  Left: this version. Right: ${folder}.`));
  }
  if (result.onlyOurs.length > 0) lines.push(t`  Not compared, only here: ${result.onlyOurs.join(', ')}`);
  if (result.onlyTheirs.length > 0) lines.push(t`  Not compared, only there: ${result.onlyTheirs.join(', ')}`);
  if (result.deleted) {
    const { from, to } = result.deleted;
    lines.push(t`  Not compared from there on, since task events among ${from} to ${to} were deleted: what reads them`);
  }
  for (const { message } of result.stopped.values()) lines.push(t`${cross} ${message}`);
  return joinText(lines);
}

function eventLine(event: EventEnvelope): Text {
  return t`  ${new EventLines().line(event)}`;
}

function comparisonJson({ events, first, onlyOurs, onlyTheirs, deleted, stopped }: Comparison) {
  return {
    events,
    identical: first === null,
    first: first && divergenceJson(first),
    onlyOurs,
    onlyTheirs,
    deleted,
    stopped: [...stopped.values()].map(({ message }) => message),
  };
}

function divergenceJson({ event, projection, key, ours, theirs }: Divergence) {
  return { event, projection, key, ours, theirs, patch: createPatch(ours, theirs) };
}
