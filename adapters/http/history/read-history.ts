import type { EventEnvelope } from '../../../core/events/envelope.ts';
import type { CloudPort } from '../cloud-port.ts';
import { type EventFilter, matcher } from './event-filter.ts';

export interface HistoryQuery extends EventFilter {
  /** First and last seq, inclusive. */
  readonly from?: number;
  readonly to?: number;
  /** At most so many events: the first ones after `from`, without it the newest. */
  readonly limit?: number;
}

/** Clocks jump: only after so many events in a row that are too old is the rest taken to be old as well. */
const patience = 1_000;

/** Oldest first. */
export async function* readHistory(cloud: Pick<CloudPort, 'read'>, query: HistoryQuery): AsyncGenerator<EventEnvelope> {
  if (query.limit !== undefined && query.from === undefined) {
    yield* await newest(cloud, query, query.limit);
    return;
  }
  const matches = matcher(query, cloud);
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  for await (const event of cloud.read(range(query))) {
    if (!(await matches(event))) continue;
    if (left <= 0) return;
    left -= 1;
    yield event;
  }
}

async function newest(cloud: Pick<CloudPort, 'read'>, query: HistoryQuery, limit: number): Promise<EventEnvelope[]> {
  const matches = matcher(query, cloud);
  const found: EventEnvelope[] = [];
  let tooOld = 0;
  for await (const event of cloud.read({ ...range(query), reverse: true })) {
    tooOld = query.since !== undefined && Date.parse(event.time) < query.since ? tooOld + 1 : 0;
    if (tooOld > patience) break;
    if (!(await matches(event))) continue;
    found.push(event);
    if (found.length >= limit) break;
  }
  return found.reverse();
}

function range({ from, to, types }: HistoryQuery) {
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(types === undefined ? {} : { types }),
  };
}
