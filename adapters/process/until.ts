/** Asks every `everyMs` until there is an answer. @throws the signal's reason when it aborts */
export async function until<T>(everyMs: number, signal: AbortSignal, ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    await pause(everyMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
