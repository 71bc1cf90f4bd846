import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const pollMs = 200;
export const folder = process.env.QUEUE_FOLDER ?? '';
export const tasks = join(folder, 'tasks');
export const results = join(folder, 'results');

/** As `<name>.intermediate` first, so that nobody reads half of it. */
export function put(place: string, name: string, text: string): void {
  const fresh = join(place, `${name}.intermediate`);
  writeFileSync(fresh, text);
  renameSync(fresh, join(place, name));
}
