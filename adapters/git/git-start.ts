import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { setImmediate as nextTurn } from 'node:timers/promises';

interface Start {
  failure: NodeJS.ErrnoException | null;
}

const starts = new AsyncLocalStorage<Start>();

/**
 * simple-git listens for the failure of a start only after it took hold of the output, and there is none where the system gives
 * no descriptor: the failure would end the whole server, as an event that nobody takes.
 */
subscribe('child_process', (message) => {
  const start = starts.getStore();
  if (!start) return;
  (message as { readonly process: ChildProcess }).process.on('error', (error: NodeJS.ErrnoException) => {
    start.failure = error;
  });
});

/** Runs a step of simple-git; where its process cannot be started that is what it throws, by `told`. */
export function watchingStart<T>(step: () => Promise<T>, told: (failure: NodeJS.ErrnoException) => Error): Promise<T> {
  const start: Start = { failure: null };
  return starts.run(start, async () => {
    try {
      return await step();
    } catch (error) {
      // Told in a later turn than what simple-git makes of it.
      await nextTurn();
      throw start.failure?.syscall?.startsWith('spawn') ? told(start.failure) : error;
    }
  });
}
