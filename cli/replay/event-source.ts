import { createSnapshots } from '../../adapters/snapshots/create-snapshots.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { FoldedState } from '../../core/kernel/store.ts';
import { dump } from '../../history/dump.ts';
import type { AnswerTo } from '../../history/questions.ts';
import type { Views } from '../../projections/views.ts';
import { patientMs } from '../connection/api.ts';
import { offlinePast } from '../offline/offline-past.ts';
import { dataFolder, withLog } from '../offline/open-log.ts';
import type { Session } from '../session.ts';
import type { StateAnswer } from '../verbs/state.ts';

/** Where events come from to be folded here: a server, or a folder that none has open. */
export interface EventSource {
  /** The event that a moment names. @throws PloinkyError MOMENT_INVALID, MOMENT_UNKNOWN */
  find(moment: string): Promise<number>;
  /** Both ends inclusive. */
  read(from: number, to: number): AsyncIterable<EventEnvelope>;
  /** The state as the other side holds it: the server in memory, a folder as a start would make it. */
  held(): Promise<StateAnswer>;
  /** What the other side says the state was. */
  stateAt(seq: number): Promise<StateAnswer>;
  /** After which events folded states lie in the folder; oldest first. */
  snapshots(): Promise<readonly number[]>;
  /** Null where it cannot be used: damaged, of another log, or of other reducers. */
  snapshot(seq: number): Promise<Pick<StateAnswer, 'hash' | 'state'> | null>;
}

/** @throws PloinkyError SERVER_UNREACHABLE; LOG_HELD, LOG_MISSING, LOG_DAMAGED */
export async function withSource<T>(
  session: Session,
  dir: string | undefined,
  work: (source: EventSource) => Promise<T>,
): Promise<T> {
  if (dir === undefined) return work(await serverSource(session));
  const { cwd } = session.surroundings;
  return withLog(cwd, dir, { readOnly: true }, (log) => {
    const past = offlinePast(log, cwd, dir);
    const kept = createSnapshots(dataFolder(cwd, dir));
    const stateAt = async (seq: number) => {
      const { hash, store } = await past.stateAt(seq);
      return { seq, hash, state: dump(store.views) };
    };
    return work({
      find: (moment) => past.find(moment),
      read: (from, to) => log.read({ from, to }),
      held: () => stateAt(log.head().seq),
      stateAt,
      snapshots: () => kept.seqs(),
      snapshot: async (seq) => {
        const folded = await kept.state(seq);
        return folded && { hash: folded.hash, state: dump(viewsOf(folded)) };
      },
    });
  });
}

function viewsOf({ entities }: FoldedState): Views {
  return Object.fromEntries(Object.entries(entities).map(([name, list]) => [name, new Map(list)])) as unknown as Views;
}

async function serverSource(session: Session): Promise<EventSource> {
  const api = await session.api();
  return {
    find: async (at) => {
      const { seq } = await api.manage<AnswerTo<'moment'>>('GET', 'past/moment', { query: { at } });
      return seq;
    },
    read: async function* (from, to) {
      if (from > to) return;
      const query = { from, to };
      const lines = api.jsonLines('/management/api/history', { query, timeoutMs: patientMs });
      for await (const event of lines) yield event as EventEnvelope;
    },
    held: () => api.manage<StateAnswer>('GET', 'state', { timeoutMs: patientMs }),
    stateAt: (at) => api.manage<StateAnswer>('GET', 'past/state', { query: { at }, timeoutMs: patientMs }),
    snapshots: async () => [],
    snapshot: async () => null,
  };
}
