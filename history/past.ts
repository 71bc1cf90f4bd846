import { setImmediate as breathe } from 'node:timers/promises';
import { PloinkyError } from '../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../core/events/envelope.ts';
import { Store } from '../core/kernel/store.ts';
import type { BlobStore } from '../core/log/blob-port.ts';
import { firstSeqOf } from '../core/log/gap.ts';
import type { EventLog, Head, ReadOptions } from '../core/log/log-port.ts';
import { projections } from '../projections/registry.ts';
import type { Views } from '../projections/views.ts';
import { parseMoment } from './moment.ts';
import { noSnapshots, type SnapshotHead, type Snapshots } from './snapshots.ts';

export interface PastParts {
  readonly log: Pick<EventLog, 'read' | 'readPieces' | 'head'>;
  readonly blobs: BlobStore;
  /** Milliseconds since 1970, for spans back from now. */
  readonly now: () => number;
  /** Default: none. */
  readonly snapshots?: Snapshots;
}

/** State as it was after one event. Nobody else holds it: whoever asked may go on folding. */
export interface PastState {
  readonly seq: number;
  /** Of that event; 64 zeros before the first. */
  readonly hash: string;
  readonly store: Store<Views>;
}

/** A Date reaches back no further. */
const earliest = -8.64e15;

/** A log, looked back upon. It changes nothing. */
export class Past {
  readonly log: PastParts['log'];
  readonly blobs: BlobStore;
  readonly #now: () => number;
  readonly #snapshots: Snapshots;

  constructor({ log, blobs, now, snapshots = noSnapshots }: PastParts) {
    this.log = log;
    this.blobs = blobs;
    this.#now = now;
    this.#snapshots = snapshots;
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
    await this.restoreNearest(store, seq);
    await this.fold(store, seq);
    return { seq, hash: store.hash, store };
  }

  /** Puts the nearest snapshot up to `seq` into a fresh store, if there is one that can be used. */
  async restoreNearest(store: Store<Views>, seq: number): Promise<void> {
    for await (const head of this.#usable(seq)) {
      const state = await this.#snapshots.state(head.seq);
      if (!state) continue;
      store.restore(state);
      return;
    }
  }

  /** Folds what follows the store's last event, up to `seq`. Between pieces others have their turn. */
  async fold(store: Store<Views>, seq: number, onPiece: () => void = () => {}): Promise<void> {
    if (store.seq >= seq) return;
    for await (const piece of this.pieces({ from: store.seq + 1, to: seq })) {
      store.replay(piece);
      onPiece();
    }
  }

  /** Events in pieces; between two of them others have their turn. */
  async *pieces(options: ReadOptions): AsyncGenerator<readonly EventEnvelope[]> {
    for await (const piece of this.log.readPieces(options)) {
      yield piece;
      await breathe();
    }
  }

  /** Snapshots of this log up to an event, with nothing later than a time in them, newest first. */
  async *#usable(upTo: number, at = Number.POSITIVE_INFINITY): AsyncGenerator<SnapshotHead> {
    const seqs = await this.#snapshots.seqs();
    // Asked for afterwards: a snapshot is never of an event that the log did not have before it.
    const last = this.log.head().seq;
    for (const seq of seqs.toReversed()) {
      if (seq > last) this.#snapshots.foreign(seq);
      if (seq > Math.min(upTo, last)) continue;
      const head = await this.#snapshots.head(seq);
      if (!head || (head.latest ?? 0) > at) continue;
      if (await this.#ofThisLog(head)) yield head;
      else this.#snapshots.foreign(seq);
    }
  }

  async #ofThisLog({ seq, hash }: SnapshotHead): Promise<boolean> {
    for await (const event of this.log.read({ from: seq, to: seq })) return event.hash === hash;
    return false;
  }

  /**
   * Clocks jump: the moment ends with the first event that is later, whatever follows it. Up to a snapshot nothing is
   * later than its highest time, so the search begins there.
   */
  async #before(at: number): Promise<number> {
    let seq = 0;
    for await (const head of this.#usable(this.log.head().seq, at)) {
      seq = head.seq;
      break;
    }
    for await (const piece of this.pieces({ from: seq + 1 })) {
      const later = piece.findIndex((event) => Date.parse(event.time) > at);
      seq = later === -1 ? (piece.at(-1)?.seq ?? seq) : firstSeqOf(piece[later] as EventEnvelope) - 1;
      if (later !== -1) break;
    }
    if (seq > 0) return seq;
    let told = 'the log is empty';
    for await (const { time } of this.log.read({ limit: 1 })) told = `the first event is of ${time}`;
    throw new PloinkyError(
      'MOMENT_UNKNOWN',
      `Nothing had happened at ${new Date(Math.max(at, earliest)).toISOString()}: ${told}.`,
    );
  }
}
