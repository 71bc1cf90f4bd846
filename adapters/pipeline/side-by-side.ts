/** Waits until all are over, also when one fails, so that nothing goes on behind the back of the next attempt; then throws. */
export async function sideBySide(...all: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(all);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
