import type { Store } from '../../core/kernel/store.ts';
import { isDiskFull } from '../../core/log/failures.ts';
import type { Logger } from '../pipeline/world.ts';
import type { FileSnapshots } from './file-snapshots.ts';

export interface SnapshotWriterParts {
  readonly store: Store<unknown>;
  readonly snapshots: Pick<FileSnapshots, 'write' | 'seqs' | 'tidy'>;
  /** Events between two snapshots. */
  readonly every: () => number;
  readonly logger: Logger;
}

/** When a server stops, fewer new events than this are folded faster than a snapshot is written and read. */
const worthAtStop = 1_000;

/**
 * Keeps snapshots of the state as it grows. Writing them is nobody's business but its own: it holds up no append, and
 * where it fails the log says so and everything else goes on.
 */
export class SnapshotWriter {
  readonly #parts: SnapshotWriterParts;
  #last = 0;
  #writing: Promise<void> | null = null;

  constructor(parts: SnapshotWriterParts) {
    this.#parts = parts;
  }

  /** The store was restored: what is there already need not be written again. */
  async begin(): Promise<void> {
    const seqs = await this.#parts.snapshots.seqs();
    this.#last = seqs.filter((seq) => seq <= this.#parts.store.seq).at(-1) ?? 0;
  }

  /** The store has folded something. While history is folded again, `least` keeps snapshots apart. */
  note(least = 0): void {
    const { store, every } = this.#parts;
    if (store.seq - this.#last >= Math.max(every(), least)) this.#write();
  }

  /** After the store took its last event. Never rejects. */
  async close(): Promise<void> {
    await this.#writing;
    const { store, every } = this.#parts;
    if (store.seq - this.#last >= Math.min(every(), worthAtStop)) this.#write();
    await this.#writing;
  }

  #write(): void {
    const { store, snapshots, logger } = this.#parts;
    // Where a projection stopped or events were deleted, the state lacks events; none to begin from.
    if (this.#writing || store.stopped.size > 0 || store.missing) return;
    const state = store.capture();
    // Also when it fails: the next attempt comes with the next due one, not with every event.
    this.#last = state.seq;
    this.#writing = snapshots
      .write(state)
      .catch((error: unknown) => {
        const why = isDiskFull(error) ? 'no space is left' : (error as Error).message;
        const text = `a snapshot of event ${state.seq} was not written (${why}); nothing is lost, a start takes longer`;
        logger.warn({ err: error }, text);
      })
      .finally(() => {
        this.#writing = null;
      });
  }
}
