export interface Stopping {
  /** Takes no more work. */
  readonly refuse: () => void;
  /** Resolves once everything that runs has ended and its outcome was handed over. */
  readonly idle: () => Promise<void>;
  /** Ends what still runs, at once. */
  readonly kill: () => void;
  readonly graceMs: number;
  readonly exit: (code: number) => never;
}

/**
 * SIGTERM or SIGINT: no more work, what runs may end, then out, at once when nothing runs. A second signal does not
 * wait. As process 1 of a container Node has no default for these signals; without this every stop would take until
 * the engine kills.
 */
export function stopOnSignal(stopping: Stopping): void {
  let asked = false;
  const stop = () => {
    if (asked) {
      stopping.kill();
      stopping.exit(1);
    }
    asked = true;
    stopping.refuse();
    const grace = new Promise<void>((resolve) => setTimeout(resolve, stopping.graceMs));
    void Promise.race([stopping.idle(), grace]).then(() => {
      stopping.kill();
      stopping.exit(0);
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
