import { PloinkyError } from '../../core/errors/ploinky-error.ts';

export interface Deadline {
  /** Of the caller. */
  readonly signal: AbortSignal;
  /** Upper bound of this step on its own, in ms; null where only the caller decides. */
  readonly ms: number | null;
  /** For messages, for example `Docker` and `list containers`. */
  readonly who: string;
  readonly what: string;
}

/**
 * Runs a step and settles as soon as it is over, its time is up or the caller gives up, whatever the step itself
 * does then: an engine that hangs in the middle of an answer leaves promises that never settle.
 * @throws PloinkyError ENGINE_TIMEOUT, or what the step throws
 */
export function withDeadline<T>(deadline: Deadline, step: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, ms, who, what } = deadline;
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const giveUp = (message: string, cause?: unknown) => {
      finish(() => reject(new PloinkyError('ENGINE_TIMEOUT', message, { cause })));
      controller.abort();
    };
    const onAbort = () => giveUp(`${who} was not done in time: ${what}.`, signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (ms !== null) timer = setTimeout(() => giveUp(`${who} did not answer within ${ms} ms: ${what}.`), ms);
    step(controller.signal).then(
      (value) => finish(() => resolve(value)),
      (error) => finish(() => reject(error)),
    );
  });
}
