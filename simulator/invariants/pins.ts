import type { EventEnvelope } from '../../core/events/envelope.ts';

/** What somebody asked of a deployment; pushes ask for nothing of their own. */
interface Wish {
  readonly release: number;
  /** Asked for by a rollback, so that pushes wait. */
  readonly pinned: boolean;
}

/** Whether the last thing that anybody asked of a deployment, and that was not without a source, was a rollback. */
export function pinnedByRollback(events: readonly EventEnvelope[], id: string): boolean {
  let wishes: Wish[] = [];
  for (const { type, stream, data } of events) {
    if (type === 'release.failed' && stream.startsWith(`release:${id}#`)) {
      const failed = Number(stream.slice(stream.lastIndexOf('#') + 1));
      const { stage } = data as { stage: string };
      // A rollback pins also where it fails.
      if (stage === 'source') wishes = wishes.filter(({ release, pinned }) => release !== failed || pinned);
    }
    if (stream !== `deployment:${id}`) continue;
    if (type === 'deployment.requested') {
      const { release, trigger, pinned } = data as { release: number; trigger: string; pinned: object | null };
      if (trigger !== 'push') wishes.push({ release, pinned: pinned !== null });
    } else if (type === 'deployment.rolledBack') {
      const { release } = data as { release: number };
      // One that began with a request is as old as that: what was asked for since is newer.
      const asked = wishes.some((wish) => wish.release === release && wish.pinned);
      if (!asked) wishes.push({ release, pinned: true });
    } else if (type === 'deployment.removed') {
      wishes = [];
    }
  }
  return wishes.at(-1)?.pinned ?? false;
}
