import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folders of a queue. Absolute. */
export interface QueueLayout {
  readonly tasks: string;
  readonly results: string;
  readonly errors: string;
  /** A task file moves here when it is claimed: the move is what makes a claim exclusive. */
  readonly locks: string;
  /** An empty file cancels the task of that name. */
  readonly urgent: string;
  /** Older waiters expect a cancelled task as a result. */
  readonly legacy: boolean;
}

export function queueLayout(folder: string, legacy: boolean): QueueLayout {
  return {
    tasks: join(folder, legacy ? 'requests' : 'tasks'),
    results: join(folder, legacy ? 'responses' : 'results'),
    errors: join(folder, 'errors'),
    locks: join(folder, 'locks'),
    urgent: join(folder, 'urgent'),
    legacy,
  };
}

export function makeFolders(layout: QueueLayout): void {
  const { tasks, results, errors, locks, urgent } = layout;
  for (const folder of [tasks, results, errors, locks, urgent]) mkdirSync(folder, { recursive: true });
}
