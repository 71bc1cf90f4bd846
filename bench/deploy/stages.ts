import type { EventEnvelope } from '../../core/events/envelope.ts';
import { median } from '../rounds.ts';

/** What ends each stage of a deploy, in their order. */
const ends = [
  'deployment.requested',
  'release.sourceResolved',
  'release.imageResolved',
  'release.installed',
  'container.startRequested',
  'container.started',
  'container.healthy',
  'deployment.routed',
] as const;

/** Median milliseconds between one event and the next, over the first release of each deployment. */
export function stagesOf(histories: readonly (readonly EventEnvelope[])[]): Record<string, number> {
  const stages: Record<string, number> = {};
  for (const [index, end] of ends.entries()) {
    const before = ends[index - 1];
    if (before === undefined) continue;
    const took = histories.flatMap((events) => {
      const [from, to] = [before, end].map((type) => events.find((event) => event.type === type));
      return from && to ? [Date.parse(to.time) - Date.parse(from.time)] : [];
    });
    if (took.length > 0) stages[`to ${end}`] = Math.round(median(took));
  }
  return stages;
}
