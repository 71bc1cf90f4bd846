import { nanoid } from 'nanoid';
import { isPloinkyError, PloinkyError } from '../errors/ploinky-error.ts';
import type { EventEnvelope, NewEvent } from '../events/envelope.ts';
import { refusalOf } from './append-options.ts';
import { checkOpenTables } from './check-tables.ts';
import { checkTail } from './check-tail.ts';
import { Committer } from './committer.ts';
import { damage } from './damage.ts';
import { createDatabase, type Database, type LogFormat, openDatabase, readFormat } from './database.ts';
import { closedError, readFailure } from './failures.ts';
import { firstSeqOf } from './gap.ts';
import { HeadMarker, readMarker } from './head-marker.ts';
import { removeHolder, writeHolder } from './holder.ts';
import { releaseJournals } from './journals.ts';
import type { AppendOptions, EventLog, Head, ReadOptions, Subscription } from './log-port.ts';
import { readPieces, type Stored } from './read-events.ts';
import { reopen } from './reopen.ts';
import { Segments } from './segments.ts';
import { type LogSnapshot, takeSnapshot } from './snapshot.ts';
import { storedHash } from './stored-groups.ts';
import { StreamIndex } from './stream-index.ts';
import { type Listener, Subscribers } from './subscribers.ts';
import { verifyGroups, type Watching } from './verify-groups.ts';
import { verifyKeys } from './verify-keys.ts';

export interface LevelLogOptions {
  /** The database goes to `log/` below it, the head marker to `head.json`. Absolute. */
  readonly folder: string;
  /** Tells another opener who has it, for example `ploinky server in /srv/cloud`. */
  readonly holder: string;
  /**
   * Appends are refused, marker and holder are left alone. LevelDB itself still takes its lock and, as always when it is
   * opened, turns its journal into a table.
   */
  readonly readOnly?: boolean;
  /** Errors that nobody waits for: of listeners, of the marker, of a reopening. */
  readonly onTrouble?: (error: unknown) => void;
}

/**
 * Makes an empty log; nothing else does.
 * @throws PloinkyError LOG_EXISTS, LOG_HELD, LOG_WRITE_FAILED, DISK_FULL
 */
export async function createLevelLog(options: LevelLogOptions): Promise<LevelLog> {
  await createDatabase(options.folder, nanoid());
  return openLevelLog(options);
}

/** @throws PloinkyError LOG_MISSING, LOG_HELD, LOG_DAMAGED, LOG_FORMAT, LOG_UNREADABLE, DISK_FULL */
export async function openLevelLog(options: LevelLogOptions): Promise<LevelLog> {
  const { folder, holder, readOnly, onTrouble = () => {} } = options;
  const db = await openDatabase(folder);
  try {
    const format = await readFormat(db);
    const { logId } = format;
    const marker = await readMarker(folder);
    const head = await checkTail(db, folder, logId, marker);
    await releaseJournals(folder);
    if (!marker && head.seq > 0) onTrouble(new Error(`${folder}/head.json was gone; all of the log was checked.`));
    const log = new LevelLog({ db, index: await StreamIndex.open(db, head.seq) }, options, format, head);
    if (!readOnly) {
      await writeHolder(folder, holder).catch(onTrouble);
      if (marker?.seq !== head.seq) await log.mark();
    }
    return log;
  } catch (error) {
    await db.close();
    throw readFailure(error, `The log in ${db.location}`);
  }
}

/** The log on LevelDB. Made by `createLevelLog` and `openLevelLog`. */
export class LevelLog implements EventLog {
  readonly format: LogFormat;
  /** Task events that moved, or are to move, out of the database. */
  readonly segments: Segments;
  readonly #options: LevelLogOptions;
  readonly #committer: Committer;
  readonly #marker: HeadMarker;
  readonly #subscribers: Subscribers;
  #closing: Promise<void> | null = null;

  /** The database is open and its tail checked. */
  constructor(stored: Stored, options: LevelLogOptions, format: LogFormat, head: Head) {
    const { folder, onTrouble = () => {} } = options;
    this.#options = options;
    this.format = format;
    this.#marker = new HeadMarker(folder, format.logId, onTrouble);
    this.#subscribers = new Subscribers(
      { headSeq: () => this.head().seq, pieces: (from) => this.#pieces({ from }, this.head().seq) },
      onTrouble,
    );
    this.#committer = new Committer({
      stored,
      head,
      reopen: (...args) => reopen(folder, ...args),
      onStored: (events, at) => {
        this.#marker.moved(at);
        this.#subscribers.tell(events);
      },
      onTrouble,
    });
    this.segments = new Segments(this.#committer, format);
  }

  append(events: readonly NewEvent[], options: AppendOptions = {}): Promise<readonly EventEnvelope[]> {
    if (this.#closing) return Promise.reject(closedError());
    if (this.#options.readOnly) {
      return Promise.reject(new PloinkyError('LOG_CLOSED', 'The log was opened for reading only.'));
    }
    const refusal = refusalOf(options);
    if (refusal) return Promise.reject(refusal);
    if (events.length === 0) return Promise.resolve([]);
    return this.#committer.add(events, options);
  }

  read(options: ReadOptions = {}): AsyncGenerator<EventEnvelope> {
    // Here and not in the generator: what counts is the head when it is called, not when it is first asked.
    return this.#read(options, this.head().seq);
  }

  readPieces(options: ReadOptions = {}): AsyncGenerator<readonly EventEnvelope[]> {
    return this.#pieces(options, this.head().seq);
  }

  subscribe(options: { readonly from?: number }, listener: Listener): Subscription & { readonly ready: Promise<void> } {
    return this.#subscribers.add(options.from, listener);
  }

  head(): Head {
    return this.#committer.head;
  }

  /** Every number, hash and idempotency key of the log. @throws PloinkyError LOG_DAMAGED naming the first bad event */
  async verify(watching: Watching = {}): Promise<Head> {
    const { seq } = this.head();
    return this.#whole(async (db) => {
      // First: LevelDB ends the process over some of what this finds.
      await checkOpenTables(db);
      const verified = await verifyGroups(db, 1, watching);
      if (verified.seq < seq) throw damage.lost(db.location, verified.seq, seq);
      await verifyKeys(db);
      return verified;
    });
  }

  /** Hash of an event as it is stored. @throws PloinkyError LOG_DAMAGED when the log has no such event */
  hashAt(seq: number): Promise<string> {
    return this.#whole((db) => storedHash(db, seq));
  }

  /** Begins anew when the database is reopened below it. */
  async #whole<T>(read: (db: Database) => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#closing) throw closedError();
      await this.#committer.reopening;
      const { stored } = this.#committer;
      try {
        return await read(stored.db);
      } catch (error) {
        if (this.#closing) throw closedError();
        if (!this.#reopened(stored)) throw readFailure(error, `The log in ${stored.db.location}`);
      }
    }
  }

  #reopened(stored: Stored): boolean {
    return this.#committer.reopening !== null || this.#committer.stored !== stored;
  }

  /** The log as it is in this instant, for a copy; to be closed. */
  snapshot(): LogSnapshot {
    if (this.#closing) throw closedError();
    const { stored, head } = this.#committer;
    return takeSnapshot(stored.db, this.format, head);
  }

  /** Writes the head marker now. */
  async mark(): Promise<void> {
    this.#marker.moved(this.head());
    await this.#marker.flush();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#committer.idle();
    if (!this.#options.readOnly) {
      await this.#marker.flush();
      // Before the lock is free: afterwards the file may be the next holder's.
      await removeHolder(this.#options.folder).catch(() => {});
    }
    await this.#committer.stored.db.close();
  }

  async *#read(options: ReadOptions, head: number): AsyncGenerator<EventEnvelope> {
    for await (const piece of this.#pieces(options, head)) yield* piece;
  }

  /** Goes on where it was when the database is reopened below it. */
  async *#pieces(options: ReadOptions, head: number): AsyncGenerator<readonly EventEnvelope[]> {
    let rest: ReadOptions = { ...options, to: Math.min(head, options.to ?? head) };
    for (;;) {
      if (this.#closing) throw closedError();
      await this.#committer.reopening;
      const { stored } = this.#committer;
      try {
        for await (const piece of readPieces(stored, head, rest)) {
          rest = after(rest, piece);
          yield piece;
        }
        return;
      } catch (error) {
        if (isPloinkyError(error)) throw error;
        if (this.#closing) throw closedError();
        if (!this.#reopened(stored))
          throw this.#committer.failure ?? readFailure(error, `The log in ${stored.db.location}`);
      }
    }
  }
}

/** What is still to be read when `piece` was. */
function after(options: ReadOptions, piece: readonly EventEnvelope[]): ReadOptions {
  const last = piece.at(-1);
  const limit = options.limit === undefined ? {} : { limit: options.limit - piece.length };
  return {
    ...options,
    ...limit,
    ...(last === undefined ? {} : options.reverse ? { to: firstSeqOf(last) - 1 } : { from: last.seq + 1 }),
  };
}
