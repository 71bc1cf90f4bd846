import type { EventEnvelope } from '../../core/events/envelope.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import type { Session } from '../session.ts';
import { ask } from './ask.ts';
import type { KnownCause } from './event-line.ts';

/** Looks up what caused events, where that was not among those told before it. */
export class Causes {
  readonly #session: Session;
  readonly #dir: string | undefined;
  /** Events that were told, and causes that were asked about. */
  readonly #seen = new Set<string>();

  constructor(session: Session, dir: string | undefined) {
    this.#session = session;
    this.#dir = dir;
  }

  /** By id; what is no event is left out. @throws PloinkyError SERVER_UNREACHABLE; LOG_HELD, LOG_MISSING, LOG_DAMAGED */
  async of(events: readonly EventEnvelope[]): Promise<Readonly<Record<string, KnownCause>>> {
    for (const { id } of events) this.#seen.add(id);
    const ids = [...new Set(events.flatMap(({ cause }) => (cause === null || this.#seen.has(cause) ? [] : [cause])))];
    for (const id of ids) this.#seen.add(id);
    const before = events.at(-1)?.seq;
    if (ids.length === 0 || before === undefined) return {};
    try {
      return (await ask(this.#session, this.#dir, 'causes', { ids, before }, 'POST')).causes;
    } catch (error) {
      // A server of before does not know the question.
      if (error instanceof RemoteProblem && error.status === 404) return {};
      throw error;
    }
  }
}
