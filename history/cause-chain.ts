import type { EventEnvelope } from '../core/events/envelope.ts';
import { containerName, releaseId } from '../core/names/names.ts';
import type { Past } from './past.ts';

type Log = Pick<Past, 'log'>;

export interface CauseChain {
  /** From what came from outside to the event that was asked about, which is the last one. */
  readonly events: readonly EventEnvelope[];
  /** Id of a cause that the log does not hold, where the chain ends before it reaches the outside; else null. */
  readonly unresolved: string | null;
}

/** Follows the causes of an event back to the request that began it all. A cause always lies before its effect. */
export async function causeChain(past: Log, event: EventEnvelope): Promise<CauseChain> {
  const events = [event];
  for (let link = event; link.cause !== null; ) {
    const cause = (await nearby(past, link, link.cause)) ?? (await anywhere(past, link, link.cause));
    if (!cause) return { events: events.reverse(), unresolved: link.cause };
    events.push(cause);
    link = cause;
  }
  return { events: events.reverse(), unresolved: null };
}

/** Causes are mostly in streams of the same deployment, and streams are found without reading the whole log. */
async function nearby(past: Log, { stream, seq, data }: EventEnvelope, id: string): Promise<EventEnvelope | null> {
  for (const candidate of new Set([stream, ...(await relatedStreams(past, stream, data))])) {
    for await (const event of past.log.read({ stream: candidate, to: seq - 1, reverse: true })) {
      if (event.id === id) return event;
    }
  }
  return null;
}

async function anywhere({ log }: Log, { seq }: EventEnvelope, id: string): Promise<EventEnvelope | null> {
  for await (const event of log.read({ to: seq - 1, reverse: true })) if (event.id === id) return event;
  return null;
}

/** Streams of the deployment, its release and its container, as far as stream and data name them. */
async function relatedStreams(past: Log, stream: string, data: unknown): Promise<string[]> {
  const kind = stream.slice(0, stream.indexOf(':'));
  const name = stream.slice(kind.length + 1);
  if (kind === 'container') {
    const begun = await firstData(past, stream);
    return begun ? streamsOf(past, String(begun.deployment), Number(begun.release)) : [];
  }
  if (kind === 'release') {
    const hash = name.lastIndexOf('#');
    return streamsOf(past, name.slice(0, hash), Number(name.slice(hash + 1)));
  }
  const release = (data as { release?: unknown } | null)?.release;
  return kind === 'deployment' && typeof release === 'number' ? streamsOf(past, name, release) : [];
}

async function streamsOf(past: Log, deployment: string, release: number): Promise<string[]> {
  const cloud = await firstData(past, 'cloud');
  const cloudId = String(cloud?.cloudId ?? '');
  const replicas = (await mostReplicas(past, deployment)) + (await warmOf(past, deployment, release));
  const containers = Array.from({ length: replicas }, (_, i) => {
    return `container:${containerName(deployment, release, cloudId, i + 1)}`;
  });
  return [`release:${releaseId(deployment, release)}`, ...containers, `deployment:${deployment}`];
}

/** The largest number of containers that a release of the deployment ever had. */
async function mostReplicas({ log }: Log, deployment: string): Promise<number> {
  let most = 1;
  for await (const { data } of log.read({ stream: `deployment:${deployment}`, types: ['deployment.scaled'] })) {
    most = Math.max(most, (data as { replicas: number }).replicas);
  }
  return most;
}

/** How many containers the manifest of a release keeps ready beside those that serve. */
async function warmOf({ log }: Log, deployment: string, release: number): Promise<number> {
  const stream = `release:${releaseId(deployment, release)}`;
  for await (const { data } of log.read({ stream, types: ['release.sourceResolved'], limit: 1 })) {
    return (data as { manifest: { warm?: number } }).manifest.warm ?? 0;
  }
  return 0;
}

async function firstData({ log }: Log, stream: string): Promise<Record<string, unknown> | null> {
  for await (const event of log.read({ stream, limit: 1 })) return event.data as Record<string, unknown>;
  return null;
}
