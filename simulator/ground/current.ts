import type { Disk } from '../disk/disk.ts';
import type { Daemon } from '../engine/daemon.ts';
import type { Witness } from '../invariants/witness.ts';
import type { Ground } from './ground.ts';

/** What modules that stand in for Node's and for packages find the world by: one at a time in a process. */
export interface Surroundings {
  readonly ground: Ground;
  readonly disk: Disk;
  readonly daemons: readonly Daemon[];
  /** Told of what is about to be done. */
  readonly witness: Witness;
  /** Somebody outside is sent an HTTP request; answers with its status, or rejects. */
  post(url: string, body: string): Promise<number>;
}

let current: Surroundings | null = null;

export function setSurroundings(surroundings: Surroundings | null): void {
  current = surroundings;
}

export function surroundings(): Surroundings {
  if (!current) throw new Error('no world is simulated at the moment');
  return current;
}
