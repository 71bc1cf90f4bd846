import type { PloinkyError } from '../errors/ploinky-error.ts';
import type { EventEnvelope, NewEvent } from '../events/envelope.ts';
import { formGroup, type Group, type Pending } from './commit-group.ts';
import { writeFailure } from './failures.ts';
import type { AppendOptions, Head } from './log-port.ts';
import type { Stored } from './read-events.ts';

export interface CommitterParts {
  readonly stored: Stored;
  readonly head: Head;
  /**
   * After a failed write: closes the database, opens it anew and verifies its tail.
   * @param known the last event that is certainly durable
   */
  readonly reopen: (stored: Stored, known: Head, failure: PloinkyError) => Promise<Reopened>;
  /** Events became durable. Called before those who appended them are told. */
  readonly onStored: (events: readonly EventEnvelope[], head: Head) => void;
  /** An error that nobody waits for. */
  readonly onTrouble: (error: unknown) => void;
}

export interface Reopened {
  readonly stored: Stored;
  readonly head: Head;
  /** Events after the known ones: the write had failed, and yet they were stored. */
  readonly found: readonly EventEnvelope[];
}

/**
 * So many appends begin a group when the disk is idle. Without it all callers of a busy log end up in one group, and the
 * disk waits while they are worked for, and they while it syncs; in several groups, one is synced while others go on.
 */
const enough = 32;

/** One change of a record. */
export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string };

/** Records that are to be changed between two groups. */
interface Chore {
  readonly operations: readonly Operation[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one writer. Groups follow one another; appends that arrive while one is being synced share the next, so that a
 * busy log forms large groups and an idle one never waits for company.
 */
export class Committer {
  readonly #parts: CommitterParts;
  #stored: Stored;
  #head: Head;
  readonly #queue: Pending[] = [];
  readonly #chores: Chore[] = [];
  #work: Promise<void> | null = null;
  /** Ends the gathering of a group. */
  #begin: (() => void) | null = null;
  #reopening: Promise<void> | null = null;
  /** Set while the outcome of the last write is unknown: nothing is accepted before the database was reopened. */
  #failure: PloinkyError | null = null;

  constructor(parts: CommitterParts) {
    this.#parts = parts;
    this.#stored = parts.stored;
    this.#head = parts.head;
  }

  get head(): Head {
    return this.#head;
  }

  get stored(): Stored {
    return this.#stored;
  }

  /** Settles when the reopening under way has ended, well or not. */
  get reopening(): Promise<void> | null {
    return this.#reopening;
  }

  /** Why nothing can be written at the moment, and perhaps nothing read. The next append tries again. */
  get failure(): PloinkyError | null {
    return this.#failure;
  }

  add(events: readonly NewEvent[], options: AppendOptions): Promise<readonly EventEnvelope[]> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ events, options, resolve, reject });
      this.#work ??= this.#commitAll();
      if (this.#queue.length >= enough) this.#begin?.();
    });
  }

  /**
   * Changes records that are no events at the head: all or none, durable, and with the same care after a failure. It
   * waits for its turn, and appends wait no longer for it than for one group.
   */
  write(operations: readonly Operation[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#chores.push({ operations, resolve, reject });
      this.#work ??= this.#commitAll();
    });
  }

  /** When every append so far has its answer. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #commitAll(): Promise<void> {
    while (this.#queue.length > 0 || this.#chores.length > 0) {
      await this.#gathered();
      if (this.#failure) await this.#recoverLate(this.#failure);
      if (!this.#failure && this.#queue.length > 0) await this.#commitGroups();
      const chore = this.#chores.shift();
      if (chore) await this.#do(chore);
    }
    this.#work = null;
  }

  /**
   * The rest of this turn of the event loop, since callers that were just answered may have more to store; no longer than
   * until `enough` wait.
   */
  #gathered(): Promise<void> {
    return new Promise((resolve) => {
      const turn = setImmediate(() => this.#begin?.());
      this.#begin = () => {
        this.#begin = null;
        clearImmediate(turn);
        resolve();
      };
    });
  }

  /**
   * Writes what waits, group after group. Those of one group are told while the next is being synced: the disk need not
   * wait for them to make use of their answers.
   */
  async #commitGroups(): Promise<void> {
    let group: Group | null = await formGroup(this.#stored, this.#head, this.#queue);
    let writing: Promise<unknown> = this.#write(group);
    while (group) {
      const failure = await writing;
      if (failure !== null) return this.#failed(group, writeFailure(failure));
      const { events, head } = group;
      this.#follows(events, head);
      const more = this.#queue.length > 0 && this.#chores.length === 0;
      const next: Group | null = more ? await formGroup(this.#stored, this.#head, this.#queue) : null;
      if (next) writing = this.#write(next);
      if (events.length > 0) this.#parts.onStored(events, head);
      group.settle();
      group = next;
    }
  }

  async #failed(group: Group, failure: PloinkyError): Promise<void> {
    this.#failure = failure;
    // First it is found out what was stored: whoever decides after the failure decides on a state that has it.
    await this.#recover(failure);
    for (const { reject } of group.appends) reject(failure);
  }

  /** Events that come to light only now are news to who waits: what they ask for was decided without them. */
  async #recoverLate(failure: PloinkyError): Promise<void> {
    const { seq } = this.#head;
    await this.#recover(failure);
    if (this.#failure || this.#head.seq === seq) return;
    for (const { reject } of this.#queue.splice(0)) reject(failure);
  }

  async #do({ operations, resolve, reject }: Chore): Promise<void> {
    if (this.#failure) return reject(this.#failure);
    const batch = this.#stored.db.batch();
    try {
      for (const operation of operations) {
        if (operation.type === 'put') batch.put(operation.key, operation.value);
        else batch.del(operation.key);
      }
      await batch.write({ sync: true });
    } catch (error) {
      const failure = writeFailure(error);
      this.#failure = failure;
      reject(failure);
      await this.#recover(failure);
      return;
    }
    resolve();
  }

  /** Begins at once. Null, or what went wrong: it never rejects, since nobody may be looking yet. */
  async #write({ entries }: Group): Promise<unknown> {
    if (entries.length === 0) return null;
    try {
      const batch = this.#stored.db.batch();
      for (const [key, value] of entries) batch.put(key, value);
      // LevelDB does not sync unless told to.
      await batch.write({ sync: true });
      return null;
    } catch (error) {
      return error;
    }
  }

  #follows(events: readonly EventEnvelope[], head: Head): void {
    if (events.length === 0) return;
    this.#head = head;
    for (const { stream } of events) this.#stored.index.add(stream);
  }

  #recover(failure: PloinkyError): Promise<void> {
    this.#reopening = this.#reopen(failure).finally(() => {
      this.#reopening = null;
    });
    return this.#reopening;
  }

  async #reopen(failure: PloinkyError): Promise<void> {
    try {
      const { stored, head, found } = await this.#parts.reopen(this.#stored, this.#head, failure);
      this.#stored = stored;
      this.#failure = null;
      this.#follows(found, head);
      if (found.length > 0) this.#parts.onStored(found, head);
    } catch (error) {
      const again = writeFailure(error);
      this.#failure = again;
      const waiting = this.#queue.splice(0);
      for (const { reject } of waiting) reject(again);
      if (waiting.length === 0) this.#parts.onTrouble(again);
    }
  }
}
