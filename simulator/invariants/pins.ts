import type { EventEnvelope } from '../../core/events/envelope.ts';

interface Wish {
  /** Asked for by a rollback, so that pushes wait. */
  readonly pinned: boolean;
}

/** Whether the last thing that anybody asked of a deployment, and that had a source or may still have one, was a rollback. */
export function pinnedByRollback(events: readonly EventEnvelope[], id: string): boolean {
  const underWay = new Map<number, Wish>();
  let wish: Wish | null = null;
  let found: Wish | null = null;
  for (const { type, stream, data } of events) {
    if (stream.startsWith(`release:${id}#`)) {
      const n = Number(stream.slice(`release:${id}#`.length));
      const own = underWay.get(n);
      if (own && type === 'release.sourceResolved') found = own;
      if (type === 'release.retired') underWay.delete(n);
      if (type === 'release.failed' && underWay.delete(n)) wish = [...underWay.values()].at(-1) ?? found ?? wish;
    }
    if (stream !== `deployment:${id}`) continue;
    if (type === 'deployment.requested') {
      const { release, trigger, pinned } = data as { release: number; trigger: string; pinned: object | null };
      if (trigger !== 'push' || wish === null) wish = { pinned: pinned !== null };
      underWay.set(release, wish);
      if (pinned !== null) found = wish;
    } else if (type === 'deployment.routed') {
      underWay.delete((data as { release: number }).release);
    } else if (type === 'deployment.rolledBack') {
      found = { pinned: true };
      wish = [...underWay.values()].at(-1) ?? found;
    } else if (type === 'deployment.removed') {
      underWay.clear();
      wish = null;
      found = null;
    }
  }
  return wish?.pinned ?? false;
}
