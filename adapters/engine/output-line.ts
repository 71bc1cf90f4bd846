export type OutputStream = 'stdout' | 'stderr';

/** Where somebody who follows an output goes on. To be handed back as it came; only the engine understands it. */
export interface OutputMark {
  readonly stream: OutputStream;
  /** UTC with nine digits behind the second, so that texts compare as times do. */
  readonly time: string;
  /** Socket engines: which of the pieces of that time; process engine: bytes of the file up to the end of the piece. */
  readonly n: number;
}

/** A line of what a container wrote, or a piece of a long one. It is its own mark: what follows begins behind it. */
export interface OutputLine extends OutputMark {
  /** Without its line end; bytes that are no UTF-8 are U+FFFD. At most 16 KiB. */
  readonly text: string;
  /** The line goes on in the next piece of this stream. */
  readonly more: boolean;
  /** Set instead of a text: so much was left out here. Lines are not known where the engine itself lost them. */
  readonly dropped: Dropped | null;
}

export interface Dropped {
  readonly lines: number | null;
  readonly bytes: number;
}

/** Says of each piece whether there is room for it. A flood is counted instead of kept. */
export interface OutputBudget {
  allows(bytes: number): boolean;
}

export interface FollowOptions {
  /** Which start of the container: another one under the same name is not read. */
  readonly engineId: string;
  /** The last mark of each stream that was stored; none: from the first line on. */
  readonly after: readonly OutputMark[];
  readonly signal: AbortSignal;
  readonly budget?: OutputBudget;
}

/** Is waited for before more is read, so that a slow disk holds the reader back and costs no memory. */
export type TakeLines = (lines: readonly OutputLine[]) => Promise<void> | void;

/** `ended`: it has ended and everything was handed on. `gone`: there is no container of ours of this name and id. */
export type FollowOutcome = 'ended' | 'gone';

/** Longer lines come in pieces of this many bytes. */
export const pieceLimit = 16 * 1024;
