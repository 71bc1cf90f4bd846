/** An engine for tests: where it listens and how to end it, or why there is none. */
export type EngineStart = StartedEngine | { readonly unavailable: string };

export interface StartedEngine {
  readonly socketPath: string;
  /** Ends the daemon and what it ran, unmounts, removes its folder. Does nothing to an engine that was there before. */
  stop(): Promise<void>;
}

/** One that a test started for itself. */
export interface OwnEngine extends StartedEngine {
  /** Everything of it is below this folder. */
  readonly home: string;
  /** The part of that which holds images and containers. */
  readonly storage: string;
  /** Takes a container away as somebody at the machine does, whatever runs in it. @throws Error with the engine's words */
  removeByHand(name: string): Promise<void>;
}
