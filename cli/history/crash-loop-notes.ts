import type { EventEnvelope } from '../../core/events/envelope.ts';
import { crashLoopFrom } from '../../decisions/crash-loop.ts';

const failures: ReadonlySet<string> = new Set(['container.exited', 'container.startFailed', 'container.lost']);

/** A sentence about each container that ended again and again in a chain of causes. */
export function crashLoopNotes(chain: readonly Pick<EventEnvelope, 'type' | 'stream'>[]): string[] {
  const counts = new Map<string, number>();
  for (const { type, stream } of chain) {
    if (failures.has(type)) counts.set(stream, (counts.get(stream) ?? 0) + 1);
  }
  return [...counts].flatMap(([stream, count]) => {
    if (count < crashLoopFrom) return [];
    return [`Crash loop: ${stream.slice('container:'.length)} ended ${count} times, each because of the one before.`];
  });
}
