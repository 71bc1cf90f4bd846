import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll } from 'vitest';

const againMs = 50;
/** Longer than any file takes. */
const patienceMs = 1_800_000;

/**
 * Of the files of a run that say so with the same name, one is under way at a time. For what cannot be of one test alone, such as an
 * image whose name is always the same. A worker that dies gives it back.
 */
export function oneAtATime(name: string): void {
  let held: Server | undefined;
  beforeAll(async () => {
    // No file, but a name that the kernel keeps as long as somebody listens there. Workers of a run have one parent.
    const path = `\0ploinky-test-${process.ppid}-${name}`;
    while (held === undefined) {
      held = await listening(path);
      if (held === undefined) await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }, patienceMs);
  afterAll(() => new Promise<void>((resolve) => (held ? held.close(() => resolve()) : resolve())));
}

function listening(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => resolve(server));
  });
}
