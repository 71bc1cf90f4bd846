import type { EventEnvelope } from '../events/envelope.ts';
import type { Database } from './database.ts';
import { segmentKey, segmentRange } from './keys.ts';
import { decodeLine } from './record.ts';
import { storedGroups } from './stored-groups.ts';

/** Events of one stored segment of the index. */
const segmentSize = 4_096;

/**
 * Finds the events of a stream without reading all of the log: four bytes an event, a hash of its stream's name. Whole
 * segments are stored with the group that fills them; the rest is read again when a log is opened. A key for each
 * event would be simpler, and would cost more than everything else that an append does (see docs/decisions).
 */
export class StreamIndex {
  /** Hashes by seq - 1, as far as loaded. */
  #hashes = new Int32Array(segmentSize);
  /** Events in `#hashes`, counted from `#from`. */
  #count: number;
  #loaded: Promise<void> | null = null;

  /** `count` events are in whole segments, not loaded yet. */
  private constructor(count: number) {
    this.#count = count;
  }

  /** Reads the tail that is in no segment; segments themselves only when somebody asks for a stream. */
  static async open(db: Database, head: number): Promise<StreamIndex> {
    const whole = Math.floor(head / segmentSize) * segmentSize;
    const index = new StreamIndex(whole);
    for await (const { first, lines } of storedGroups(db, whole + 1, head)) {
      for (const [i, line] of lines.entries()) {
        if (first + i > whole) index.add(decodeLine(line, `event ${first + i}`).stream);
      }
    }
    return index;
  }

  /** The next event's stream. */
  add(stream: string): void {
    const at = this.#count;
    if (at >= this.#hashes.length) {
      const grown = new Int32Array(Math.max(at + segmentSize, this.#hashes.length * 2));
      grown.set(this.#hashes);
      this.#hashes = grown;
    }
    this.#hashes[at] = hashOf(stream);
    this.#count += 1;
  }

  /** Puts for every segment that becomes whole when `events` follow event `seq`; nothing is kept of it. */
  wholeSegments(seq: number, events: readonly EventEnvelope[]): [string, string][] {
    const puts: [string, string][] = [];
    const last = seq + events.length;
    for (let end = (Math.floor(seq / segmentSize) + 1) * segmentSize; end <= last; end += segmentSize) {
      const segment = new Int32Array(segmentSize);
      for (let at = 0; at < segmentSize; at += 1) {
        const place = end - segmentSize + at;
        segment[at] =
          place < seq ? (this.#hashes[place] as number) : hashOf((events[place - seq] as EventEnvelope).stream);
      }
      puts.push([segmentKey(end / segmentSize), Buffer.from(segment.buffer).toString('base64')]);
    }
    return puts;
  }

  /**
   * Seqs in `from`…`to` that may belong to the stream; a hash may stand for several names, so the caller looks at each.
   */
  async candidates(db: Database, stream: string, from: number, to: number, reverse: boolean): Promise<number[]> {
    this.#loaded ??= this.#load(db);
    await this.#loaded;
    const wanted = hashOf(stream);
    const found: number[] = [];
    const last = Math.min(to, this.#count);
    for (let seq = Math.max(1, from); seq <= last; seq += 1) if (this.#hashes[seq - 1] === wanted) found.push(seq);
    return reverse ? found.reverse() : found;
  }

  async #load(db: Database): Promise<void> {
    let at = 0;
    for await (const [, value] of db.iterator(segmentRange)) {
      const bytes = Buffer.from(value, 'base64');
      for (let i = 0; i < segmentSize; i += 1) this.#hashes[at + i] = bytes.readInt32LE(i * 4);
      at += segmentSize;
    }
  }
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
