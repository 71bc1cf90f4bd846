/** What one round came to. */
export interface Round {
  readonly calls: number;
  readonly seconds: number;
  /** Milliseconds of one call. */
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** Calls without a pause, from so many callers at once, for so long. */
export type Load = (callers: number, seconds: number) => Promise<Round>;
