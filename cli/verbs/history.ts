import { setTimeout as pause } from 'node:timers/promises';
import { durationMs } from '../../core/clock/duration.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { Invocation, Options } from '../command-spec.ts';
import { Causes } from '../history/causes.ts';
import { EventLines } from '../history/event-line.ts';
import type { Session } from '../session.ts';
import { dim, t } from '../terminal/text.ts';

const usualLimit = 50;
/** Events whose causes are looked up together. */
const mostAtOnce = 1_000;
/** How often a broken connection is tried again with --follow, and for how long. */
const retryMs = 500;
const patienceMs = 60_000;

export interface HistoryFilter {
  readonly deployment?: string;
  readonly type?: string;
  readonly actor?: string;
  readonly trace?: string;
  /** ISO time, or a span back from now. */
  readonly since?: string;
  readonly until?: string;
  readonly from?: number;
  /** Absent = all. */
  readonly limit?: number;
}

/** `cloud history` */
export async function history({ session, options }: Invocation): Promise<void> {
  const filter = historyFilter(options);
  const dir = options.text('dir');
  const follow = options.flag('follow');
  if (dir !== undefined && follow) {
    throw new PloinkyError('USAGE', '--follow needs a running server; --dir reads a log that nobody writes.');
  }
  const events = dir === undefined ? fromServer(session, filter, follow) : await offline(session, dir, filter);
  const lines = new EventLines();
  let count = 0;
  const show = (event: EventEnvelope) => {
    count += 1;
    session.out.record(event, () => lines.lines(event));
  };
  if (session.out.json) {
    for await (const event of events) show(event);
  } else {
    const causes = new Causes(session, dir);
    // What is followed is shown at once.
    for await (const some of inGroups(events, follow ? 1 : mostAtOnce)) {
      lines.learn(await causes.of(some));
      some.forEach(show);
    }
  }
  if (count === 0 && !session.out.json) session.out.note(t`No such events.`);
}

async function* inGroups<T>(all: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  for await (const one of all) {
    group.push(one);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

async function offline(session: Session, dir: string, filter: HistoryFilter): Promise<EventEnvelope[]> {
  const { offlineHistory } = await import('../offline/offline-history.ts');
  return offlineHistory(session.surroundings.cwd, dir, filter);
}

/** With `follow` also across a server that goes away and comes back, without a gap. */
async function* fromServer(session: Session, filter: HistoryFilter, follow: boolean): AsyncGenerator<EventEnvelope> {
  const { signal, now } = session.surroundings;
  const api = await session.api();
  let query: Record<string, string | number | undefined> = { ...filter };
  let lostAt: number | undefined;
  for (;;) {
    try {
      const stream = api.jsonLines('/management/api/history', {
        query: { ...query, ...(follow ? { follow: 1 } : {}) },
      });
      for await (const value of stream) {
        const event = value as EventEnvelope;
        lostAt = undefined;
        const { limit: _, since: __, ...rest } = query;
        query = { ...rest, from: event.seq + 1 };
        yield event;
      }
    } catch (error) {
      if (!follow || signal.aborted || !isLost(error)) throw error;
      if (lostAt === undefined) session.out.note(dim('the server is away; waiting for it …'));
      lostAt ??= now();
      if (now() - lostAt > patienceMs) throw error;
    }
    if (!follow) return;
    await pause(retryMs, undefined, { signal });
  }
}

function isLost(error: unknown): boolean {
  return error instanceof PloinkyError && error.code === 'SERVER_UNREACHABLE';
}

/** @throws PloinkyError USAGE */
function historyFilter(options: Options): HistoryFilter {
  const types = options.list('type').flatMap((text) => text.split(',').map((type) => type.trim()));
  const from = wholeNumber(options.text('from'), '--from', 1);
  const limit = wholeNumber(options.text('limit'), '--limit', 0) ?? (from === undefined ? usualLimit : undefined);
  for (const name of ['since', 'until'] as const) checkTime(options.text(name), name);
  const filter: Record<string, string | number> = {};
  if (types.length > 0) filter.type = types.join(',');
  for (const name of ['deployment', 'actor', 'trace', 'since', 'until'] as const) {
    const value = options.text(name);
    if (value !== undefined) filter[name] = value;
  }
  if (limit === 0) filter.from = from ?? 1;
  else {
    if (from !== undefined) filter.from = from;
    if (limit !== undefined) filter.limit = limit;
  }
  return filter;
}

function wholeNumber(text: string | undefined, name: string, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least || !/^\d+$/.test(text)) {
    throw new PloinkyError('USAGE', `${name} takes a whole number from ${least} on, not ${JSON.stringify(text)}.`);
  }
  return value;
}

function checkTime(text: string | undefined, name: string): void {
  if (text === undefined || durationMs(text) !== null || !Number.isNaN(Date.parse(text))) return;
  throw new PloinkyError('USAGE', `--${name} is ${JSON.stringify(text)}, which is neither a time nor a span.`, {
    hint: 'Give a time such as 2026-11-21T10:00:00Z, or a span back from now such as 10m, 2h or 1d.',
  });
}
