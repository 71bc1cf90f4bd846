import type { Ground } from './ground.ts';
import type { Load } from './load.ts';
import type { Package } from './packages.ts';

/** A way to get a task done, as it is compared with the others. */
export interface Contestant {
  /** As it is named on the command line and in figures. */
  readonly name: string;
  /** What it is, for the table. */
  readonly title: string;
  /** Programs that must be on this machine; without one the contestant is left out, and says so. */
  readonly needs?: readonly Package[];
  /** Numbers of callers that make no sense for it. */
  readonly without?: readonly number[];
  /** Starts what it takes. What was started is given to the ground, which ends it. */
  start(ground: Ground): Promise<Standing>;
}

/** One that was started and waits for its rounds. */
export interface Standing {
  readonly load: Load;
  /** Processes that stand where the gateway of this project stands: their time is what a call costs. */
  readonly servers: () => readonly number[];
  /** Those that do the work that was asked for. */
  readonly agents: () => readonly number[];
}
