/** An engine for tests: where it listens and how to end it, or why there is none. */
export type EngineStart = StartedEngine | { readonly unavailable: string };

export interface StartedEngine {
  readonly socketPath: string;
  /** Ends the daemon and what it ran, unmounts, removes its folder. Does nothing to an engine that was there before. */
  stop(): Promise<void>;
}
