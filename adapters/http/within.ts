/** Resolves when the work is done, failed, or not done after so many milliseconds, or when the signal aborts. Never rejects. */
export async function doneWithin(work: Promise<unknown>, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over, { once: true });
    work.then(over, over);
  });
}
