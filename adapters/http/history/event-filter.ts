import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { catalogue } from '../../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../../core/events/envelope.ts';
import { deploymentKey, quote } from '../../../core/names/names.ts';
import { timeOf } from '../../../history/moment.ts';
import type { CloudPort } from '../cloud-port.ts';

/** What a reader of the history wants to see. Everything given must hold. */
export interface EventFilter {
  /** Deployment id. */
  readonly deployment?: string;
  /** Exact types; undefined = all. */
  readonly types?: readonly string[];
  /** An actor, or the part before its colon. */
  readonly actor?: string;
  readonly trace?: string;
  /** Milliseconds since 1970, inclusive. */
  readonly since?: number;
  readonly until?: number;
}

type Log = Pick<CloudPort, 'read'>;

/** Asks the log only for events that do not name their deployment; the answer for all others is there at once. */
export function matcher(filter: EventFilter, log: Log): (event: EventEnvelope) => boolean | Promise<boolean> {
  const { actor, trace, since, until } = filter;
  const types = filter.types && new Set(filter.types);
  const concerns = filter.deployment === undefined ? null : concernsDeployment(filter.deployment, log);
  return (event) => {
    if (types && !types.has(event.type)) return false;
    if (trace !== undefined && event.trace !== trace) return false;
    if (actor !== undefined && event.actor !== actor && !event.actor.startsWith(`${actor}:`)) return false;
    if (since !== undefined && Date.parse(event.time) < since) return false;
    if (until !== undefined && Date.parse(event.time) > until) return false;
    return concerns === null || concerns(event);
  };
}

/** Its own events, those of its releases and containers, of the tasks it was given and the requests it answered. */
function concernsDeployment(id: string, log: Log): (event: EventEnvelope) => boolean | Promise<boolean> {
  const own = `deployment:${id}`;
  const release = `release:${id}#`;
  const container = `ploinky-${deploymentKey(id)}-`;
  const isContainer = (name: string) => {
    return name.startsWith(container) && /^\d+(?:\.\d+)?-[^-]*$/.test(name.slice(container.length));
  };
  return ({ stream, data }) => {
    if (stream === own || stream.startsWith(release)) return true;
    if (stream.startsWith('container:')) return isContainer(stream.slice('container:'.length));
    const named = data as { readonly deployment?: unknown; readonly container?: unknown } | null;
    if (stream.startsWith('request:')) return named?.deployment === id;
    if (!stream.startsWith('task:')) return false;
    if (named?.deployment !== undefined) return named.deployment === id;
    if (typeof named?.container === 'string') return isContainer(named.container);
    return taskIsOf(id, stream, log);
  };
}

/** For what comes after a task's outcome: the first event of the task that names a deployment decides. */
async function taskIsOf(id: string, stream: string, log: Log): Promise<boolean> {
  for await (const { data } of log.read({ stream })) {
    const deployment = (data as { readonly deployment?: unknown } | null)?.deployment;
    if (deployment !== undefined) return deployment === id;
  }
  return false;
}

/**
 * Types by name or pattern: `task.*`, `*.failed`. Several may stand in one text with commas.
 * @throws PloinkyError INVALID_REQUEST for one that fits no type
 */
export function typesOf(given: string | readonly string[]): string[] {
  const wanted = [given]
    .flat()
    .flatMap((one) => one.split(','))
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const types = wanted.flatMap((one) => {
    const pattern = new RegExp(`^${one.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[A-Za-z.]*')}$`);
    const found = catalogue.map(({ type }) => type as string).filter((type) => pattern.test(type));
    if (found.length === 0) {
      throw new PloinkyError('INVALID_REQUEST', `No event type fits ${quote(one)}.`, {
        hint: 'See docs/events.md for the types; patterns such as task.* are possible.',
      });
    }
    return found;
  });
  return [...new Set(types)];
}

/**
 * A moment as milliseconds since 1970: an ISO 8601 time, or a duration before `now` such as 10m.
 * @throws PloinkyError INVALID_REQUEST
 */
export function momentOf(text: string, now: number): number {
  const time = timeOf(text, now);
  if (time !== null) return time;
  throw new PloinkyError('INVALID_REQUEST', `${quote(text)} is neither an ISO 8601 time nor a duration such as 10m.`);
}
