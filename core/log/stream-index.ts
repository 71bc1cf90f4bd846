import type { EventEnvelope } from '../events/envelope.ts';
import { damage } from './damage.ts';
import type { Database } from './database.ts';
import { pageKey } from './keys.ts';
import { decodeLine } from './record.ts';
import { seal, unseal } from './sealed.ts';
import { storedGroups } from './stored-groups.ts';

/** Events of one stored page of the index. */
export const pageSize = 4_096;

/**
 * Finds the events of a stream without reading all of the log: four bytes an event, a hash of its stream's name. Whole
 * pages are stored with the group that fills them; the rest is read again when a log is opened. A key for each
 * event would be simpler, and would cost more than everything else that an append does (docs/decisions/0001).
 */
export class StreamIndex {
  /** Hashes by seq - 1, as far as loaded. */
  #hashes: Int32Array;
  #count: number;
  /** Events in stored pages that nobody asked for yet. */
  #unloaded: number;
  #loading: Promise<void> | null = null;

  private constructor(whole: number) {
    this.#hashes = new Int32Array(whole + pageSize);
    this.#count = whole;
    this.#unloaded = whole;
  }

  /** Reads the tail that is in no page; pages themselves only when somebody asks for a stream. */
  static async open(db: Database, head: number): Promise<StreamIndex> {
    const whole = head - (head % pageSize);
    const index = new StreamIndex(whole);
    index.#hashes.set(await hashesOf(db, whole + 1, head), whole);
    index.#count = head;
    return index;
  }

  /** The next event's stream. */
  add(stream: string): void {
    if (this.#count >= this.#hashes.length) {
      const grown = new Int32Array(this.#hashes.length * 2);
      grown.set(this.#hashes);
      this.#hashes = grown;
    }
    this.#hashes[this.#count] = hashOf(stream);
    this.#count += 1;
  }

  /** Puts for every page that becomes whole when `events` follow event `seq`; nothing is kept of it. */
  wholePages(seq: number, events: readonly EventEnvelope[]): [key: string, value: string][] {
    const puts: [string, string][] = [];
    const last = seq + events.length;
    for (let end = seq - (seq % pageSize) + pageSize; end <= last; end += pageSize) {
      const page = new Int32Array(pageSize);
      for (let at = 0; at < pageSize; at += 1) {
        const place = end - pageSize + at;
        page[at] =
          place < seq ? (this.#hashes[place] as number) : hashOf((events[place - seq] as EventEnvelope).stream);
      }
      const key = pageKey(end / pageSize);
      puts.push([key, seal(key, toText(page))]);
    }
    return puts;
  }

  /** Fetches the stored pages, the first time. One that is gone or damaged is made again out of its events. */
  load(db: Database): Promise<void> {
    this.#loading ??= this.#load(db).catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  /**
   * Seqs in `from`…`to` that may belong to the stream; a hash may stand for several names, so the caller looks at
   * each. Only after `load`.
   */
  *candidates(stream: string, from: number, to: number, reverse: boolean): Generator<number> {
    const wanted = hashOf(stream);
    const first = Math.max(1, from);
    const last = Math.min(to, this.#count);
    if (reverse) {
      for (let seq = last; seq >= first; seq -= 1) if (this.#hashes[seq - 1] === wanted) yield seq;
    } else {
      for (let seq = first; seq <= last; seq += 1) if (this.#hashes[seq - 1] === wanted) yield seq;
    }
  }

  async #load(db: Database): Promise<void> {
    for (let end = pageSize; end <= this.#unloaded; end += pageSize) {
      const key = pageKey(end / pageSize);
      const value = await db.get(key);
      const stored = value === undefined ? null : fromText(unseal(key, value));
      const first = end - pageSize + 1;
      const page = stored ?? (await hashesOf(db, first, end));
      this.#hashes.set(page, first - 1);
    }
    this.#unloaded = 0;
  }
}

async function hashesOf(db: Database, from: number, to: number): Promise<Int32Array> {
  const hashes = new Int32Array(Math.max(0, to - from + 1));
  if (hashes.length === 0) return hashes;
  // Of deleted events nobody knows the stream any more; nobody could read them either.
  for await (const groups of storedGroups(db, { from, to })) {
    for (const { first, lines } of groups) {
      for (const [i, line] of lines.entries()) {
        const seq = first + i;
        if (seq < from || seq > to) continue;
        const event = decodeLine(line, seq);
        if (!event) throw damage.changed(db.location, seq);
        hashes[seq - from] = hashOf(event.stream);
      }
    }
  }
  return hashes;
}

function toText(page: Int32Array): string {
  return Buffer.from(page.buffer, page.byteOffset, page.byteLength).toString('base64');
}

function fromText(text: string | null): Int32Array | null {
  if (text === null) return null;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== pageSize * 4) return null;
  const page = new Int32Array(pageSize);
  for (let i = 0; i < pageSize; i += 1) page[i] = bytes.readInt32LE(i * 4);
  return page;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
