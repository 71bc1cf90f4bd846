import type { EventType, PloinkyEvent } from '../core/events/catalogue.ts';
import { releaseId } from '../core/names/names.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Views } from '../projections/views.ts';
import { accepted, and, type CommandOf, type Decision } from './commands.ts';
import { changeSettings } from './decide-cloud.ts';
import { undeploy } from './decide-deployments.ts';
import { addDomain, removeDomain, setDomainEnabled } from './decide-domains.ts';
import { addRepository, removeRepository } from './decide-repositories.ts';
import { rollback } from './decide-rollback.ts';
import { scale, scaled } from './decide-scale.ts';
import { watch, watchChanged } from './decide-watch.ts';
import { livingReleases } from './living-releases.ts';
import { refused } from './refuse.ts';
import { releaseOf, scaledBeside, standing } from './undo-pairs.ts';
import { notUndoable } from './undo-refusals.ts';

type Undo = CommandOf<'undo'>;
type EventOf<T extends EventType> = Extract<PloinkyEvent, { type: T }>;

/** Types of events that an undo may have to look at, as the event itself or as a later one that builds on it. */
export const undoableTypes = [
  'setting.changed',
  'domain.added',
  'domain.enabled',
  'domain.disabled',
  'domain.removed',
  'repository.added',
  'repository.updated',
  'repository.removed',
  'deployment.requested',
  'deployment.routed',
  'deployment.scaled',
  'deployment.watchChanged',
  'deployment.rolledBack',
  'deployment.removed',
] as const satisfies readonly EventType[];

const types: ReadonlySet<string> = new Set(undoableTypes);

/**
 * New events that restore what one event changed; nothing of the log is taken away. Refused where later events build on
 * it: they are named, so that they can be undone first.
 */
export function undo(views: Views, command: Undo): Decision {
  const { undoneBy, later } = standing(
    command.event,
    command.later.filter(({ type }) => types.has(type)),
  );
  if (undoneBy) {
    const message = `Event ${command.event.seq}, ${command.event.type}, was undone by event ${undoneBy.seq} already.`;
    return refused(
      'UNDO_IMPOSSIBLE',
      message,
      `To have it again, undo that one: \`p-cli cloud undo ${undoneBy.seq}\`.`,
    );
  }
  const moved = movedMeanwhile(views, command);
  if (moved) return moved;
  const decision = compensate(views, { ...command, later }, command.later);
  if (decision.kind === 'accepted' && decision.events.length === 0) {
    return refused('UNDO_IMPOSSIBLE', `What event ${command.event.seq} changed is as it was before already.`);
  }
  return decision;
}

/** @param all later events, also those that were taken back: what lives now may have come from one of them */
function compensate(views: Views, command: Undo, all: Undo['later']): Decision {
  const { event, later, before, reason } = command;
  const ofStream = later.filter(({ stream }) => stream === event.stream);
  switch (event.type) {
    case 'setting.changed': {
      const { name, previous } = event.data;
      const again = later.filter((one) => one.type === 'setting.changed' && one.data.name === name);
      return blocked(event, again) ?? changeSettings(views, { type: 'changeSettings', values: { [name]: previous } });
    }
    case 'domain.added': {
      const { name } = event.data;
      const gone = ofStream.filter(({ type }) => type === 'domain.removed');
      const users = requestsOn(views, all, ({ domain }) => domain === name);
      return blocked(event, [...gone, ...users]) ?? removeDomain(views, { type: 'removeDomain', name });
    }
    case 'domain.enabled':
    case 'domain.disabled': {
      const { name } = event.data;
      const enabled = event.type === 'domain.disabled';
      return blocked(event, ofStream) ?? setDomainEnabled(views, { type: 'setDomainEnabled', name, enabled });
    }
    case 'domain.removed': {
      const { name } = event.data;
      const enabled = before.domain?.enabled ?? true;
      return blocked(event, ofStream) ?? addDomain(views, { type: 'addDomain', name, enabled });
    }
    case 'repository.added': {
      const { name } = event.data;
      const gone = ofStream.filter(({ type }) => type === 'repository.removed');
      const users = requestsOn(views, all, ({ id }) => uses(views, id, name));
      return blocked(event, [...gone, ...users]) ?? removeRepository(views, { type: 'removeRepository', name, reason });
    }
    case 'repository.updated':
      return blocked(event, ofStream) ?? restoreRepository(event, before);
    case 'repository.removed': {
      const { name } = event.data;
      if (before.repository === null) return notUndoable(event);
      const again = { type: 'addRepository', name, ...before.repository, check: 'keep' } as const;
      return blocked(event, ofStream) ?? addRepository(views, again);
    }
    case 'deployment.requested':
    case 'deployment.routed':
      return withdrawRelease(views, command, event.data.release);
    case 'deployment.scaled':
      return scaleBack(views, event, ofStream);
    case 'deployment.watchChanged':
      return watchBack(views, event, ofStream);
    case 'deployment.rolledBack':
      return event.data.outcome === 'noop' ? notUndoable(event) : withdrawRelease(views, command, event.data.release);
    case 'deployment.removed':
      return bringBack(views, command, event, ofStream);
    default:
      return notUndoable(event);
  }
}

/** A release that is newer than every event that was looked at came between the look and this decision. */
function movedMeanwhile(views: Views, { event, later }: Undo): Decision | null {
  const known = event.stream.startsWith('deployment:')
    ? views.deployments.get(event.stream.slice('deployment:'.length))
    : undefined;
  const seen = [event, ...later].filter(({ stream }) => stream === event.stream).map((one) => releaseOf(one) ?? 0);
  if (!known || releaseOf(event) === null || known.latest <= Math.max(...seen)) return null;
  // Asked for before the event, and through: it failed while the one that then came to serve was being made.
  const newest = views.releases.get(releaseId(known.id, known.latest));
  if (newest && newest.requestedAt < event.seq && !known.underWay.some(({ release }) => release === newest.n)) {
    return null;
  }
  return refused('CHANGED_SINCE', `${known.id} changed in this very moment: event ${known.changedAt}.`);
}

function restoreRepository(event: EventOf<'repository.updated'>, { repository }: Undo['before']): Decision {
  if (repository === null) return notUndoable(event);
  const { name } = event.data;
  return accepted({ type: 'repository.updated', stream: event.stream, data: { name, ...repository } });
}

function scaleBack(views: Views, event: EventOf<'deployment.scaled'>, ofStream: readonly PloinkyEvent[]): Decision {
  const since = ofStream.filter(({ type }) => type === 'deployment.scaled' || type === 'deployment.removed');
  const refusal = blocked(event, since);
  if (refusal) return refusal;
  return scale(views, { type: 'scale', ...placeOf(event.stream), replicas: event.data.previous });
}

function watchBack(
  views: Views,
  event: EventOf<'deployment.watchChanged'>,
  ofStream: readonly PloinkyEvent[],
): Decision {
  const since = ofStream.filter(({ type }) => type === event.type || type === 'deployment.removed');
  const command = { type: 'watch', ...placeOf(event.stream), watch: !event.data.watch } as const;
  return blocked(event, since) ?? watch(views, command);
}

/**
 * Back to what served before the release, or to nothing where nothing did. How many replicas there are is a matter of its
 * own, unless the release came with their number and nobody chose another one since.
 */
function withdrawRelease(views: Views, { event, later, before, url, reason }: Undo, n: number): Decision {
  const target = before.deployment?.routed ?? null;
  const others = later.filter((one) => {
    if (one.stream !== event.stream || one.type === 'deployment.watchChanged') return false;
    if (one.type !== 'deployment.scaled') return releaseOf(one) !== n;
    return target === null && !scaledBeside(event, one);
  });
  const refusal = blocked(event, others);
  if (refusal) return refusal;
  const place = placeOf(event.stream);
  const id = `${place.domain}${place.path}`;
  const known = views.deployments.get(id);
  if (target === null && known?.status === 'removed') return accepted();
  if (target === null) return undeploy(views, { type: 'undeploy', ...place, reason });
  const back = rollback(views, { type: 'rollback', ...place, target, url, secrets: 'then', reason, expectSeq: null });
  const requestedAt = views.releases.get(`${id}#${n}`)?.requestedAt ?? 0;
  const scalings = later.filter((one) => one.stream === event.stream && one.type === 'deployment.scaled');
  // Of a release that came to serve, the request lies before what is undone.
  const last = scalings.at(-1)?.seq ?? known?.scaled?.seq;
  if (!known || last !== requestedAt + 1) return back;
  return and(back, scaled(id, known.replicas, before.deployment?.replicas ?? 1));
}

function bringBack(
  views: Views,
  { before, url, reason }: Undo,
  event: EventOf<'deployment.removed'>,
  ofStream: readonly PloinkyEvent[],
): Decision {
  const refusal = blocked(event, ofStream);
  if (refusal) return refusal;
  const place = placeOf(event.stream);
  const target = before.deployment?.routed ?? null;
  if (target === null) {
    const hint = `Deploy it with \`p-cli cloud deploy ${place.domain} ${place.path} <agent>\`.`;
    return refused('UNDO_IMPOSSIBLE', `Nothing served at ${place.domain}${place.path} when it was removed.`, hint);
  }
  const back = rollback(views, { type: 'rollback', ...place, target, url, secrets: 'then', reason, expectSeq: null });
  const id = event.stream.slice('deployment:'.length);
  return and(back, [
    ...scaled(id, 1, before.deployment?.replicas ?? 1),
    ...watchChanged(id, false, before.deployment?.watch ?? false),
  ]);
}

function placeOf(stream: string): { domain: string; path: string } {
  const id = stream.slice('deployment:'.length);
  const slash = id.indexOf('/');
  return { domain: id.slice(0, slash), path: id.slice(slash) };
}

/** The last request of each living deployment of that kind, where it came later. */
function requestsOn(
  views: Views,
  later: readonly PloinkyEvent[],
  which: (deployment: Deployment) => boolean,
): PloinkyEvent[] {
  return later.filter((one) => {
    if (one.type !== 'deployment.requested') return false;
    const deployment = views.deployments.get(one.stream.slice('deployment:'.length));
    if (!deployment || deployment.status === 'removed' || !which(deployment)) return false;
    return withNewest(deployment).includes(one.data.release);
  });
}

/** The newest, whatever became of it, those that are being made, and the one that serves. */
function withNewest(deployment: Deployment): number[] {
  return [deployment.latest, ...livingReleases(deployment)];
}

function uses(views: Views, deployment: string, repository: string): boolean {
  const known = views.deployments.get(deployment);
  if (!known) return false;
  return withNewest(known).some((n) => {
    const release = views.releases.get(`${deployment}#${n}`);
    return (release?.source?.repository ?? release?.config.repository) === repository;
  });
}

/** Refused, with what stands in the way; null where nothing does. */
function blocked(event: PloinkyEvent, by: readonly PloinkyEvent[]): Decision | null {
  if (by.length === 0) return null;
  const shown = by.slice(0, 5).map(({ type, seq }) => `${type} (event ${seq})`);
  const more = by.length > shown.length ? ` and ${by.length - shown.length} more` : '';
  const message = `Event ${event.seq}, ${event.type}, cannot be undone alone: later came ${shown.join(', ')}${more}.`;
  return { ...refused('UNDO_BLOCKED', message, wayOut(event, by)), because: by };
}

/** A deployment that stands on a domain or repository has to go; all else is undone from the newest on. */
function wayOut(event: PloinkyEvent, by: readonly PloinkyEvent[]): string {
  const onIt = by.find(({ type, stream }) => type === 'deployment.requested' && stream !== event.stream);
  if (onIt) {
    const { domain, path } = placeOf(onIt.stream);
    return `Undeploy what stands on it first: \`p-cli cloud undeploy ${domain} ${path}\`.`;
  }
  return `Undo what came later first: \`p-cli cloud undo ${by.at(-1)?.seq ?? event.seq}\`.`;
}
