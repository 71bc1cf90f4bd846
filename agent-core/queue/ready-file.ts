import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `<run>/queue.json` says that the queue is served, and by which process. */
export function writeReadyFile(runDir: string, bootId: string): void {
  const file = join(runDir, 'queue.json');
  writeFileSync(`${file}.new`, JSON.stringify({ bootId, transport: 'queue', pid: process.pid }));
  renameSync(`${file}.new`, file);
}

export function removeReadyFile(runDir: string): void {
  rmSync(join(runDir, 'queue.json'), { force: true });
}
