import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import type { EventEnvelope } from '../events/envelope.ts';
import { type Database, type LogFormat, logFolder, readFormat, writeBufferBytes, writeFormat } from './database.ts';
import type { Gap, Keyframe } from './gap.ts';
import type { Head } from './log-port.ts';
import { chain, decodeLine, genesisHash, splitLine } from './record.ts';
import { type Element, recordsOf } from './sealed-record.ts';
import { keyframeEntry, manifestEntry, type StoredSegment } from './segment-manifest.ts';
import type { RawRecord } from './snapshot.ts';
import { groupEntry, sealedEntry } from './stored-groups.ts';
import { StreamIndex } from './stream-index.ts';
import { verifyGroups } from './verify-groups.ts';

const most = { events: 512, bytes: 1024 * 1024 };

/**
 * Makes a log out of one that exists elsewhere, with the same hashes. Nothing of it is durable before `finish`; the
 * folder is one of its own, which the caller renames to its place or throws away.
 */
export class LogBuilder {
  readonly folder: string;
  readonly #db: Database;
  readonly #index: StreamIndex;
  #seq = 0;
  #hash = genesisHash;
  #first = 1;
  #lines: string[] = [];
  #bytes = 0;
  /** The sealed range that is being taken over, and what of it came so far. */
  #segment: { readonly manifest: StoredSegment; readonly elements: Element[] } | null = null;
  #anySealed = false;

  private constructor(folder: string, db: Database, index: StreamIndex) {
    this.folder = folder;
    this.#db = db;
    this.#index = index;
  }

  /** In a data folder that holds no log; it is made where it is missing. */
  static async begin(folder: string): Promise<LogBuilder> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const db: Database = new Level(logFolder(folder), { writeBufferSize: writeBufferBytes });
    await db.open({ createIfMissing: true, errorIfExists: true });
    return new LogBuilder(folder, db, await StreamIndex.open(db, 0));
  }

  /** The last event taken by `add`. */
  get head(): Head {
    return { seq: this.#seq, hash: this.#hash };
  }

  /** Records as they were stored elsewhere. What they hold is seen by `check`. */
  async put(records: readonly RawRecord[]): Promise<void> {
    const batch = this.#db.batch();
    for (const [key, value] of records) batch.put(key, value);
    await batch.write();
  }

  /** The next event as it is stored. False when it does not follow from the one before it; then nothing is added. */
  async add(line: string): Promise<boolean> {
    const parts = splitLine(line);
    if (!parts || chain(this.#hash, parts.json) !== parts.hash) return false;
    const event = decodeLine(line, this.#seq + 1);
    if (!event) return false;
    this.#seq = event.seq;
    this.#hash = event.hash;
    await this.#addToIndex(event);
    if (this.#segment) {
      this.#segment.elements.push({ seq: event.seq, line });
      await this.#endSegment();
      return true;
    }
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#lines.length >= most.events || this.#bytes >= most.bytes) await this.#flush();
    return true;
  }

  /** What follows, up to the end of the segment, is a sealed range whose file was deleted. */
  async beginDeleted(manifest: StoredSegment): Promise<void> {
    await this.#flush();
    this.#segment = { manifest, elements: [] };
  }

  /** Deleted events of that segment. False when they do not follow from the event before. */
  async skip(gap: Gap, keyframe: Keyframe | null): Promise<boolean> {
    const follows = gap.from === this.#seq + 1 && gap.before === this.#hash && gap.to >= gap.from;
    if (!this.#segment || !follows || gap.to > this.#segment.manifest.to) return false;
    const { from, to, before, last, time } = gap;
    this.#segment.elements.push({ from, to, before, last, time });
    for (; this.#seq < to; this.#seq += 1) await this.#addToIndex({ seq: this.#seq + 1, stream: '' });
    this.#hash = last;
    if (keyframe) await this.put([keyframeEntry(keyframe)]);
    await this.#endSegment();
    return true;
  }

  async #endSegment(): Promise<void> {
    if (!this.#segment || this.#seq < this.#segment.manifest.to) return;
    const { manifest, elements } = this.#segment;
    this.#segment = null;
    this.#anySealed = true;
    this.#first = this.#seq + 1;
    await this.put([...recordsOf(manifest.from, elements).map(sealedEntry), manifestEntry(manifest)]);
  }

  async #addToIndex({ seq, stream }: { readonly seq: number; readonly stream: string }): Promise<void> {
    const whole = this.#index.wholePages(seq - 1, [{ stream } as EventEnvelope]);
    this.#index.add(stream);
    if (whole.length > 0) await this.put(whole);
  }

  /** Every number and hash of what is there so far. @throws PloinkyError LOG_DAMAGED naming the first bad event */
  async check(onProgress?: (seq: number) => void): Promise<Head> {
    await this.#flush();
    return verifyGroups(this.#db, 1, { onProgress });
  }

  /** What the records that were `put` say of themselves. @throws PloinkyError LOG_DAMAGED, LOG_FORMAT */
  format(): Promise<LogFormat> {
    return readFormat(this.#db);
  }

  /** Closes the log as one that can be opened: with its format, and a marker of its head. */
  async finish(format: LogFormat, head: Head): Promise<void> {
    await this.#flush();
    await writeFormat(this.#db, this.#anySealed ? { ...format, sealed: true } : format);
    await this.#db.close();
    const marker = { logId: format.logId, seq: head.seq, hash: head.hash };
    await writeFile(join(this.folder, 'head.json'), `${JSON.stringify(marker)}\n`, { mode: 0o600 });
  }

  /** Closes what is not to be kept. */
  async abandon(): Promise<void> {
    await this.#db.close().catch(() => {});
  }

  async #flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const entry = groupEntry(this.#first, this.#lines);
    this.#lines = [];
    this.#bytes = 0;
    this.#first = this.#seq + 1;
    await this.put([entry]);
  }
}
