import type { PloinkyEvent } from '../core/events/catalogue.ts';

export interface Standing {
  /** The event that took this one back already. */
  readonly undoneBy: PloinkyEvent | null;
  /** Later events without those that were taken back, and without what took them back. */
  readonly later: readonly PloinkyEvent[];
}

/**
 * What of later history still counts. An undo names the event that it takes back as its cause; the two cancel each
 * other out, unless the undo itself was taken back. A release goes with all its events.
 */
export function standing(event: PloinkyEvent, later: readonly PloinkyEvent[]): Standing {
  const gone = new Set<PloinkyEvent>();
  const all = [event, ...later];
  let undoneBy: PloinkyEvent | null = null;
  for (const undo of [...later].reverse()) {
    if (gone.has(undo) || undo.cause === null) continue;
    const undone = all.find((one) => one.id === undo.cause && one.seq < undo.seq);
    if (!undone) continue;
    const whole = leading(undo, later);
    for (const one of later) if (belongs(one, undo) || belongs(one, whole) || belongs(one, undone)) gone.add(one);
    if (belongs(event, undone)) undoneBy = whole;
  }
  return { undoneBy, later: later.filter((one) => !gone.has(one)) };
}

/** The event that is undone to have it all again: what was scaled back beside a release goes with that. */
function leading(undo: PloinkyEvent, later: readonly PloinkyEvent[]): PloinkyEvent {
  if (undo.type !== 'deployment.scaled') return undo;
  return (
    later.find((one) => one.seq === undo.seq - 1 && one.stream === undo.stream && one.cause === undo.cause) ?? undo
  );
}

/** The number of replicas that a deploy came with; it can be taken back alone, the deploy not without it. */
export function scaledBeside(request: PloinkyEvent, one: PloinkyEvent): one is Scaled {
  if (request.type !== 'deployment.requested' || one.type !== 'deployment.scaled') return false;
  return one.seq === request.seq + 1 && one.stream === request.stream && one.trace === request.trace;
}

type Scaled = Extract<PloinkyEvent, { type: 'deployment.scaled' }>;

/** The same event, another one of the same release of a deployment, or one that was stored beside it. */
function belongs(one: PloinkyEvent, to: PloinkyEvent): boolean {
  if (one === to || scaledBeside(to, one)) return true;
  // A domain that was disabled comes back with two events: added, then disabled.
  const beside = Math.abs(one.seq - to.seq) === 1 && one.stream === to.stream;
  if (beside && one.cause !== null && one.cause === to.cause) return true;
  const release = releaseOf(to);
  return release !== null && one.stream === to.stream && releaseOf(one) === release;
}

export function releaseOf(event: PloinkyEvent): number | null {
  switch (event.type) {
    case 'deployment.requested':
    case 'deployment.routed':
    case 'deployment.rollbackFailed':
      return event.data.release;
    case 'deployment.rolledBack':
      // A rollback that started nothing names a release that is not its own.
      return event.data.outcome === 'noop' ? null : event.data.release;
    default:
      return null;
  }
}
