import type { EventEnvelope } from '../../core/events/envelope.ts';
import { isTaskEnd } from '../../decisions/task-end.ts';
import type { Ground } from '../ground/ground.ts';

/** What the log said it had stored, kept where no crash reaches it. */
export class Record {
  readonly #ground: Ground;
  /** By seq - 1: every event that was told as stored. */
  readonly events: EventEnvelope[] = [];
  /** Hash by seq, of those that somebody was told of. */
  readonly #acknowledged = new Map<number, string>();
  /** By stream: the event that ended a task. */
  readonly #ends = new Map<string, number>();
  /** Containers that are drained, until their stop is asked for anew. */
  readonly #drained = new Map<string, number>();
  /** Told of each event as it is stored. */
  onEvent: (event: EventEnvelope) => void = () => {};

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Events that somebody was told of: they must never be missed. */
  acknowledged(events: readonly EventEnvelope[]): void {
    for (const { seq, hash } of events) this.#acknowledged.set(seq, hash);
  }

  stored(events: readonly EventEnvelope[]): void {
    for (const event of events) {
      const { seq, type, stream, hash } = event;
      if (seq !== this.events.length + 1) {
        this.#ground.fail('head-contiguous', `event ${seq} was told after event ${this.events.length}`);
        return;
      }
      this.#ground.tell(`event ${seq} ${type} ${stream} ${hash.slice(0, 12)}${detailOf(event)}`);
      this.#add(event);
      this.onEvent(event);
    }
  }

  acknowledgedSeqs(): ReadonlySet<number> {
    return new Set(this.#acknowledged.keys());
  }

  /** The log after a start: what it has from here on is what was stored. */
  beginWith(log: readonly EventEnvelope[]): void {
    this.compare(log);
    // What was stored without anybody having been told may have gone, or come.
    this.events.length = 0;
    this.#ends.clear();
    this.#drained.clear();
    for (const event of log) this.#add(event);
  }

  /** Nothing that was acknowledged is missing in the log, or is another event now. */
  compare(log: readonly EventEnvelope[], asked: ReadonlySet<number> = this.acknowledgedSeqs()): void {
    const gap = log.findIndex(({ seq }, i) => seq !== i + 1);
    if (gap >= 0) this.#ground.fail('head-contiguous', `event ${gap + 1} of the log has the number ${log[gap]?.seq}`);
    for (const [seq, hash] of this.#acknowledged) {
      if (!asked.has(seq)) continue;
      const found = log[seq - 1];
      if (found?.hash === hash) continue;
      const how = found ? 'is another one now' : `is gone: the log ends with event ${log.length}`;
      this.#ground.fail('acknowledged-kept', `event ${seq} was acknowledged and ${how}`);
    }
  }

  #add(event: EventEnvelope): void {
    this.events.push(event);
    const { type, stream, seq } = event;
    this.#addStop(event);
    if (!isTaskEnd({ type })) return;
    const earlier = this.#ends.get(stream);
    this.#ends.set(stream, seq);
    if (earlier === undefined) return;
    this.#ground.fail('one-result', `${stream} ended with event ${earlier}, and again with event ${seq}`);
  }

  #addStop({ type, stream, seq }: EventEnvelope): void {
    if (type === 'container.stopRequested' || type === 'container.removed') this.#drained.delete(stream);
    if (type !== 'container.drained') return;
    const earlier = this.#drained.get(stream);
    this.#drained.set(stream, seq);
    if (earlier === undefined) return;
    this.#ground.fail('drained-once', `${stream} was drained with event ${earlier}, and again with event ${seq}`);
  }
}

interface Told {
  readonly attempt?: number;
  readonly stage?: string;
  readonly reason?: unknown;
  readonly problem?: { readonly code: string; readonly message: string };
}

/** Enough to follow a trace. */
function detailOf({ data }: EventEnvelope): string {
  const { attempt, stage, reason, problem } = data as Told;
  const parts = [
    attempt === undefined ? '' : `attempt ${attempt}`,
    stage ?? '',
    typeof reason === 'string' ? reason : '',
    problem ? `${problem.code}: ${problem.message.slice(0, 100)}` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` ${parts.join(' ')}`;
}
