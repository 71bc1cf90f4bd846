import { momentOf, typesOf } from '../../adapters/http/history/event-filter.ts';
import { type HistoryQuery, readHistory } from '../../adapters/http/history/read-history.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { HistoryFilter } from '../verbs/history.ts';
import { withLog } from './open-log.ts';

/** The same filters as the server's route, on a log that no server has open. Collected, so that the log closes. */
export async function offlineHistory(cwd: string, dir: string, filter: HistoryFilter): Promise<EventEnvelope[]> {
  const query = historyQuery(filter, Date.now());
  return withLog(cwd, dir, { readOnly: true }, async (log) => {
    const events: EventEnvelope[] = [];
    for await (const event of readHistory(log, query)) events.push(event);
    return events;
  });
}

function historyQuery({ type, since, until, ...rest }: HistoryFilter, now: number): HistoryQuery {
  return {
    ...rest,
    ...(type === undefined ? {} : { types: typesOf(type) }),
    ...(since === undefined ? {} : { since: momentOf(since, now) }),
    ...(until === undefined ? {} : { until: momentOf(until, now) }),
  };
}
