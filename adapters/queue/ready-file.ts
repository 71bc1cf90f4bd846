import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The boot of the process that says it serves the queue; null = nobody does. It may have been killed since. */
export function queueServedBy(runFolder: string): string | null {
  try {
    const ready = JSON.parse(readFileSync(join(runFolder, 'queue.json'), 'utf8')) as { bootId?: unknown };
    return typeof ready.bootId === 'string' ? ready.bootId : null;
  } catch {
    return null;
  }
}
