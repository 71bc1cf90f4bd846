import { PloinkyError } from '../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../core/events/envelope.ts';
import { damage } from '../core/log/damage.ts';
import { isGap } from '../core/log/gap.ts';
import type { ReadOptions } from '../core/log/log-port.ts';
import { quote, releaseId } from '../core/names/names.ts';
import { eventWithId, findEvent } from './find-event.ts';
import type { Past } from './past.ts';

/** What somebody asks about, and the event that explains it best. */
export interface Subject {
  readonly kind:
    | 'event'
    | 'deployment'
    | 'release'
    | 'container'
    | 'network'
    | 'volume'
    | 'task'
    | 'repository'
    | 'domain'
    | 'secret';
  readonly name: string;
  readonly event: EventEnvelope;
}

/** Kinds of streams that people name without their kind, in the order in which they are tried. */
const kinds = ['container', 'task', 'repository', 'domain', 'secret'] as const;
/** Their streams are named by engine too. */
const kindsInEngines = ['network', 'volume'] as const;
const engines = ['docker', 'podman', 'process'] as const;

/**
 * What a word means: an event's number or id, a deployment (`localhost/demo`), a release (`localhost/demo#2`), a
 * container, a network or volume by its name in the engine, a task, a repository, a domain or a secret.
 * @throws PloinkyError SUBJECT_UNKNOWN, EVENT_NOT_FOUND
 */
export async function findSubject(past: Pick<Past, 'log'>, word: string): Promise<Subject> {
  const [, number] = /^(?:seq:)?(\d{1,15})$/.exec(word) ?? [];
  if (number !== undefined) return byNumber(past, Number(number));
  if (/#\d{1,9}$/.test(word) && word.includes('/'))
    return found('release', word, await lastOf(past, `release:${word}`));
  if (word.includes('/')) return found('deployment', word, await ofDeployment(past, word));
  for (const kind of kinds) {
    const event = await lastOf(past, `${kind}:${word}`);
    if (event) return { kind, name: word, event };
  }
  for (const kind of kindsInEngines) {
    const events = await Promise.all(engines.map((engine) => lastOf(past, `${kind}:${engine}/${word}`)));
    const event = newest(events);
    if (event) return { kind, name: word, event };
  }
  if (/^[0-9A-Za-z_-]{8,32}$/.test(word)) {
    const event = await eventWithId(past.log, word);
    if (event) return { kind: 'event', name: String(event.seq), event };
  }
  return found('event', word, null);
}

function newest(events: readonly (EventEnvelope | null)[]): EventEnvelope | null {
  return events.reduce((last, event) => (event && event.seq > (last?.seq ?? 0) ? event : last), null);
}

function found(kind: Subject['kind'], name: string, event: EventEnvelope | null): Subject {
  if (event) return { kind, name, event };
  const what = kind === 'event' ? 'deployment, container, task or event' : kind;
  throw new PloinkyError('SUBJECT_UNKNOWN', `The log knows no ${what} ${quote(name)}.`);
}

async function byNumber({ log }: Pick<Past, 'log'>, seq: number): Promise<Subject> {
  const event = await findEvent(log, String(seq));
  if (isGap(event)) throw damage.deleted(event.data, seq);
  return { kind: 'event', name: String(seq), event };
}

/** Why it serves what it serves; where nothing does, why the newest release does not, or what happened to it last. */
async function ofDeployment(past: Pick<Past, 'log'>, id: string): Promise<EventEnvelope | null> {
  const stream = `deployment:${id}`;
  const decided = await last(past, { stream, types: ['deployment.routed', 'deployment.removed'] });
  if (decided?.type === 'deployment.routed') return decided;
  const requested = await last(past, { stream, types: ['deployment.requested'] });
  if (!requested || requested.seq < (decided?.seq ?? 0)) return decided ?? lastOf(past, stream);
  const { release } = requested.data as { readonly release: number };
  const failed = await last(past, { stream: `release:${releaseId(id, release)}`, types: ['release.failed'] });
  return failed ?? lastOf(past, stream);
}

function lastOf(past: Pick<Past, 'log'>, stream: string): Promise<EventEnvelope | null> {
  return last(past, { stream });
}

async function last({ log }: Pick<Past, 'log'>, options: ReadOptions): Promise<EventEnvelope | null> {
  for await (const event of log.read({ ...options, reverse: true, limit: 1 })) return event;
  return null;
}
