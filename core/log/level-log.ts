import { nanoid } from 'nanoid';
import { isPloinkyError, PloinkyError } from '../errors/ploinky-error.ts';
import type { EventEnvelope, NewEvent } from '../events/envelope.ts';
import { formGroup, type Group, type Pending } from './commit-group.ts';
import { createDatabase, type Database, isDiskFull, openDatabase, readFormat, reasonOf } from './database.ts';
import { HeadMarker, readMarker } from './head-marker.ts';
import { removeHolder, writeHolder } from './holder.ts';
import type { AppendOptions, EventLog, Head, ReadOptions, Subscription } from './log-port.ts';
import { readEvents, type Stored } from './read-events.ts';
import { splitLine } from './record.ts';
import { groupHolding, storedHead, verifyGroups } from './stored-groups.ts';
import { StreamIndex } from './stream-index.ts';
import { type Listener, Subscribers } from './subscribers.ts';

export interface LevelLogOptions {
  /** The database goes to `log/` below it, the head marker to `head.json`. Absolute. */
  readonly folder: string;
  /** Tells another opener who has it, for example `ploinky server in /srv/cloud`. */
  readonly holder: string;
  /** Appends are refused, marker and holder are left alone. LevelDB itself still takes its lock and tidies its files. */
  readonly readOnly?: boolean;
  /** Errors that nobody waits for: of listeners, of the marker. */
  readonly onTrouble?: (error: unknown) => void;
}

/** Events before the head whose hashes are checked when the log is opened; `verify` checks all. */
const checkedAtOpen = 5_000;

/** @throws PloinkyError LOG_EXISTS */
export async function createLevelLog(options: LevelLogOptions): Promise<LevelLog> {
  const logId = nanoid();
  const db = await createDatabase(options.folder, logId);
  const head = await storedHead(db);
  const log = new LevelLog({ db, index: await StreamIndex.open(db, head.seq) }, options, logId, head);
  await writeHolder(options.folder, options.holder);
  return log;
}

/** @throws PloinkyError LOG_MISSING, LOG_HELD, LOG_DAMAGED, LOG_FORMAT, DISK_FULL */
export async function openLevelLog(options: LevelLogOptions): Promise<LevelLog> {
  const db = await openDatabase(options.folder);
  try {
    const { logId } = await readFormat(db, options.folder);
    const head = await checkTail(db, options.folder, logId);
    if (!options.readOnly) await writeHolder(options.folder, options.holder);
    return new LevelLog({ db, index: await StreamIndex.open(db, head.seq) }, options, logId, head);
  } catch (error) {
    await db.close().catch(() => {});
    if (isPloinkyError(error)) throw error;
    const { message } = reasonOf(error);
    throw new PloinkyError('LOG_DAMAGED', `The log in ${options.folder} cannot be read: ${message}.`, { cause: error });
  }
}

async function checkTail(db: Database, folder: string, logId: string): Promise<Head> {
  const stored = await storedHead(db);
  const marker = await readMarker(folder);
  const oldest = Math.max(1, Math.min(stored.seq - checkedAtOpen, marker?.seq ?? stored.seq));
  const head = stored.seq === 0 ? stored : await verifyGroups(db, oldest);
  if (!marker) return head;
  if (marker.logId !== logId) {
    throw new PloinkyError('LOG_DAMAGED', `${folder}/head.json belongs to another log.`);
  }
  if (marker.seq > head.seq) {
    const lost = `the events ${head.seq + 1} to ${marker.seq} were stored once and are gone`;
    throw new PloinkyError('LOG_DAMAGED', `The log in ${folder} ends at event ${head.seq}, but ${lost}.`);
  }
  const group = marker.seq === 0 ? null : await groupHolding(db, marker.seq);
  const line = group?.lines[marker.seq - group.first];
  if (marker.seq > 0 && (line === undefined || splitLine(line, `event ${marker.seq}`).hash !== marker.hash)) {
    throw new PloinkyError('LOG_DAMAGED', `Event ${marker.seq} in ${folder} is not the one that was stored once.`);
  }
  return head;
}

/** The log on LevelDB. Made by `createLevelLog` and `openLevelLog`. */
export class LevelLog implements EventLog {
  #stored: Stored;
  #head: Head;
  readonly #options: LevelLogOptions;
  readonly #marker: HeadMarker;
  readonly #subscribers: Subscribers;
  #queue: Pending[] = [];
  #committing: Promise<void> | null = null;
  /** Outcome of the last write unknown: nothing is accepted before the database was reopened. */
  #uncertain = false;
  #closed = false;

  /** The database is open and its tail checked. */
  constructor(stored: Stored, options: LevelLogOptions, logId: string, head: Head) {
    this.#stored = stored;
    this.#options = options;
    this.#head = head;
    const onTrouble = options.onTrouble ?? (() => {});
    this.#marker = new HeadMarker(options.folder, logId, onTrouble);
    const history = { headSeq: () => this.#head.seq, read: (from: number) => this.read({ from }) };
    this.#subscribers = new Subscribers(history, onTrouble);
  }

  append(events: readonly NewEvent[], options: AppendOptions = {}): Promise<readonly EventEnvelope[]> {
    if (this.#closed) return Promise.reject(closedError());
    if (this.#options.readOnly) {
      return Promise.reject(new PloinkyError('LOG_CLOSED', 'The log was opened for reading only.'));
    }
    if (events.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#queue.push({ events, options, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  async *read(options: ReadOptions = {}): AsyncGenerator<EventEnvelope> {
    if (this.#closed) throw closedError();
    yield* readEvents(this.#stored, this.#head.seq, options);
  }

  subscribe(options: { readonly from?: number }, listener: Listener): Subscription & { readonly ready: Promise<void> } {
    return this.#subscribers.add(options.from, listener);
  }

  head(): Head {
    return this.#head;
  }

  /** Every hash of the log. @throws PloinkyError LOG_DAMAGED naming the first bad event */
  async verify(onProgress?: (seq: number) => void): Promise<Head> {
    const { seq } = this.#head;
    const verified = await verifyGroups(this.#stored.db, 1, onProgress);
    if (verified.seq >= seq) return verified;
    throw new PloinkyError('LOG_DAMAGED', `The events ${verified.seq + 1} to ${seq} are missing from the log.`);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#committing;
    if (!this.#options.readOnly) {
      await this.#marker.flush();
      await removeHolder(this.#options.folder).catch(() => {});
    }
    await this.#stored.db.close();
  }

  /** One group after another. Appends of one turn of the event loop share a group and its fsync. */
  async #commitAll(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        // A turn of its own: callers that were just answered may have more to store.
        await new Promise(setImmediate);
        if (this.#uncertain && !(await this.#reopen())) continue;
        await this.#commitGroup();
      }
    } finally {
      this.#committing = null;
    }
  }

  async #commitGroup(): Promise<void> {
    const group = await formGroup(this.#stored, this.#head, this.#queue).catch((error: unknown) =>
      this.#failAll(error),
    );
    if (!group) return;
    try {
      await this.#write(group);
    } catch (error) {
      this.#uncertain = true;
      const failure = writeError(error);
      for (const { pending } of group.appends) pending.reject(failure);
      return;
    }
    if (group.events.length > 0) this.#advance(group.events, group.head);
    for (const { pending, events } of group.appends) pending.resolve(events);
  }

  async #write(group: Group): Promise<void> {
    if (group.entries.length === 0) return;
    const batch = this.#stored.db.batch();
    for (const [key, value] of group.entries) batch.put(key, value);
    // LevelDB does not sync unless told to.
    await batch.write({ sync: true });
  }

  #advance(events: readonly EventEnvelope[], head: Head): void {
    this.#head = head;
    for (const { stream } of events) this.#stored.index.add(stream);
    this.#marker.moved(head);
    this.#subscribers.tell(events);
  }

  /**
   * After a failed write the database is opened anew and its tail verified; the unknown group may turn out stored.
   * False when that fails too: everything that waits is refused, and the next append tries again.
   */
  async #reopen(): Promise<boolean> {
    try {
      await this.#stored.db.close();
      const db = await openDatabase(this.#options.folder);
      const known = this.#head.seq;
      this.#stored = { db, index: await StreamIndex.open(db, known) };
      const head = await storedHead(db);
      if (head.seq < known) {
        throw new PloinkyError('LOG_DAMAGED', `The events ${head.seq + 1} to ${known} were stored once and are gone.`);
      }
      if (known > 0) await verifyGroups(db, known);
      this.#uncertain = false;
      const found: EventEnvelope[] = [];
      for await (const event of readEvents(this.#stored, head.seq, { from: known + 1 })) found.push(event);
      if (found.length > 0) this.#advance(found, head);
      return true;
    } catch (error) {
      this.#failAll(error);
      return false;
    }
  }

  #failAll(error: unknown): void {
    const failure = isPloinkyError(error) ? error : writeError(error);
    for (const pending of this.#queue.splice(0)) pending.reject(failure);
  }
}

function writeError(error: unknown): PloinkyError {
  const { message } = reasonOf(error);
  if (isDiskFull(message)) {
    return new PloinkyError('DISK_FULL', 'The event log could not be written: no space is left.', { cause: error });
  }
  const text = `The event log could not be written: ${message}. Whether the events were stored is not known yet.`;
  return new PloinkyError('LOG_WRITE_FAILED', text, { cause: error });
}

function closedError(): PloinkyError {
  return new PloinkyError('LOG_CLOSED', 'The event log is closed.');
}
