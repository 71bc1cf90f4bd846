import type { DataOf } from '../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { Release } from '../../projections/releases.ts';

/** How a container last ended, and what the documentation makes of it. */
export interface End {
  readonly event: EventEnvelope;
  /** Without ten healthy minutes in between; what an engine takes with it is none of the container's. */
  readonly failures: number;
}

type Policy = NonNullable<Release['source']>['manifest']['restart'];

const forgivenMs = 600_000;
const ends: ReadonlySet<string> = new Set(['container.exited', 'container.lost', 'container.startFailed']);

/** The last end of the container of a stream since it was made; null when it has none, or runs again. */
export function lastEnd(events: readonly EventEnvelope[], stream: string): End | null {
  let failures = 0;
  let healthySince: number | null = null;
  let end: EventEnvelope | null = null;
  for (const event of events) {
    if (event.stream !== stream) continue;
    const { type, time, data } = event;
    const at = Date.parse(time);
    if (type === 'container.healthy') healthySince ??= at;
    const ended = ends.has(type);
    if (ended || type === 'container.unhealthy') {
      if (healthySince !== null && at - healthySince >= forgivenMs) failures = 0;
      healthySince = null;
    }
    if (ended && !ofEngine(data)) failures += 1;
    if (type === 'container.removed') failures = 0;
    if (ended) end = event;
    else if (type !== 'container.unhealthy') end = null;
  }
  return end && { event: end, failures };
}

/** Whether the manifest wants it to stay as it ended; written from the words of the documentation, as all of this. */
export function restsFor({ event: { type, data } }: End, policy: Policy): boolean {
  if (policy === 'always' || type === 'container.startFailed') return false;
  if (policy === 'never') return true;
  const { reason, exitCode } = data as Partial<DataOf<'container.exited'>>;
  return type === 'container.exited' && reason === 'ended' && exitCode === 0;
}

/** Milliseconds that it rests before it is started again. */
export function pauseMs({ event: { data }, failures }: End): number {
  if (ofEngine(data) || failures <= 1) return 1_000;
  return Math.min(10_000 * 2 ** (failures - 2), 300_000);
}

function ofEngine(data: unknown): boolean {
  return (data as { readonly reason?: unknown }).reason === 'engineAway';
}
