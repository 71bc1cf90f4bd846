import { PloinkyError } from '../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../core/events/envelope.ts';
import { Store } from '../core/kernel/store.ts';
import type { BlobStore } from '../core/log/blob-port.ts';
import type { EventLog, Head } from '../core/log/log-port.ts';
import { projections } from '../projections/registry.ts';
import type { Views } from '../projections/views.ts';
import { parseMoment } from './moment.ts';

export interface PastParts {
  readonly log: Pick<EventLog, 'read' | 'head'>;
  readonly blobs: BlobStore;
  /** Milliseconds since 1970, for spans back from now. */
  readonly now: () => number;
}

/** State as it was after one event. Nobody else holds it: whoever asked may go on folding. */
export interface PastState {
  readonly seq: number;
  /** Of that event; 64 zeros before the first. */
  readonly hash: string;
  readonly store: Store<Views>;
}

const chunk = 1_000;
const genesis = '0'.repeat(64);

/** A log, looked back upon. It changes nothing. */
export class Past {
  readonly log: PastParts['log'];
  readonly blobs: BlobStore;
  readonly #now: () => number;

  constructor({ log, blobs, now }: PastParts) {
    this.log = log;
    this.blobs = blobs;
    this.#now = now;
  }

  head(): Head {
    return this.log.head();
  }

  /**
   * The event that a moment names, see `parseMoment`. 0 = before the first event.
   * @throws PloinkyError MOMENT_INVALID, MOMENT_UNKNOWN
   */
  async find(text: string): Promise<number> {
    const head = this.log.head().seq;
    const moment = parseMoment(text, this.#now());
    if (moment.kind === 'head') return head;
    if (moment.kind === 'time') return this.#before(moment.at);
    if (moment.seq <= head) return moment.seq;
    throw new PloinkyError('MOMENT_UNKNOWN', `There is no event ${moment.seq}; the last one is ${head}.`);
  }

  /** The state that the events up to `seq` fold to. @throws PloinkyError of the log */
  async stateAt(seq: number): Promise<PastState> {
    const store = new Store<Views>(projections);
    const last = await this.fold(store, seq);
    return { seq, hash: last?.hash ?? genesis, store };
  }

  /** Folds what follows the store's last event, up to `seq`. Answers the last event folded, if any. */
  async fold(store: Store<Views>, seq: number): Promise<EventEnvelope | undefined> {
    let events: EventEnvelope[] = [];
    let last: EventEnvelope | undefined;
    if (store.seq >= seq) return undefined;
    for await (const event of this.log.read({ from: store.seq + 1, to: seq })) {
      last = event;
      events.push(event);
      if (events.length < chunk) continue;
      store.replay(events);
      events = [];
    }
    store.replay(events);
    return last;
  }

  /** Clocks jump: the moment ends with the first event that is later, whatever follows it. */
  async #before(at: number): Promise<number> {
    let seq = 0;
    let first: string | undefined;
    for await (const event of this.log.read()) {
      first ??= event.time;
      if (Date.parse(event.time) > at) break;
      seq = event.seq;
    }
    if (seq > 0) return seq;
    const told = first === undefined ? 'the log is empty' : `the first event is of ${first}`;
    const time = new Date(at).toISOString();
    throw new PloinkyError('MOMENT_UNKNOWN', `Nothing had happened at ${time}: ${told}.`);
  }
}
