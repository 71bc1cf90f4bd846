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

export interface Deploy {
  /** Milliseconds since 1970: when the command was started, and how long it took to the first answer. */
  readonly begun: number;
  readonly ms: number;
  /** Of the deployment, its first release and that one's container. */
  readonly events: readonly EventEnvelope[];
}

/** Median milliseconds of each stage over several deploys: from the command to the first event, from event to event, to the answer. */
export function stagesOf(deploys: readonly Deploy[]): Record<string, number> {
  const marks = ['command', ...ends, 'first answer'];
  const times = deploys.map(({ begun, ms, events }) => {
    const seen = ends.map((type) => Date.parse(events.find((event) => event.type === type)?.time ?? ''));
    return [begun, ...seen, begun + ms];
  });
  return Object.fromEntries(
    marks.slice(1).map((mark, index) => {
      const took = times.map((at) => (at[index + 1] ?? Number.NaN) - (at[index] ?? Number.NaN));
      return [`to ${mark}`, Math.round(median(took))];
    }),
  );
}
