import type { FoldedState } from '../core/kernel/store.ts';

/** What is known of a snapshot without reading its state. */
export interface SnapshotHead {
  /** Last event folded into it, and that event's hash: the log has the same, or the snapshot is of another one. */
  readonly seq: number;
  readonly hash: string;
  /** Highest time among the events up to it, see `Store.latest`. */
  readonly latest: number | null;
}

/**
 * Folded states kept from earlier. They only save time: one that is damaged, or was made by other reducers, is passed
 * over as if it were not there.
 */
export interface Snapshots {
  /** Numbers of those there seem to be, oldest first. */
  seqs(): Promise<readonly number[]>;
  /** Null when it cannot be used. */
  head(seq: number): Promise<SnapshotHead | null>;
  /** Null when it cannot be used. */
  state(seq: number): Promise<FoldedState | null>;
  /** The log does not have this event: says so where such things are written down. */
  foreign(seq: number): void;
}

/** For logs without a folder. */
export const noSnapshots: Snapshots = {
  seqs: async () => [],
  head: async () => null,
  state: async () => null,
  foreign: () => {},
};
