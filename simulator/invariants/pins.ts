import type { EventEnvelope } from '../../core/events/envelope.ts';

interface Wish {
  /** Asked for by a rollback, so that pushes wait. */
  readonly pinned: boolean;
}

/** Whether the last thing that anybody asked of a deployment, and that had a source, was a rollback. */
export function pinnedByRollback(events: readonly EventEnvelope[], id: string): boolean {
  let latest = 0;
  let wish: Wish | null = null;
  let found: Wish | null = null;
  for (const { type, stream, data } of events) {
    if (stream === `release:${id}#${latest}`) {
      if (type === 'release.sourceResolved') found = wish;
      else if (type === 'release.failed' && (data as { stage: string }).stage === 'source') wish = found ?? wish;
    }
    if (stream !== `deployment:${id}`) continue;
    if (type === 'deployment.requested') {
      const { release, trigger, pinned } = data as { release: number; trigger: string; pinned: object | null };
      latest = release;
      if (trigger !== 'push') wish = { pinned: pinned !== null };
      if (pinned !== null) found = wish;
    } else if (type === 'deployment.rolledBack') {
      wish = { pinned: true };
      found = wish;
    } else if (type === 'deployment.removed') {
      wish = null;
      found = null;
    }
  }
  return wish?.pinned ?? false;
}
