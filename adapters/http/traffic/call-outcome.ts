export type CallOutcome = 'completed' | 'failed' | 'timedOut' | 'cancelled' | 'refused';

/** How the outcome of a call counts, by the code of its error. */
export function outcomeOf(code: string | null): CallOutcome {
  if (code === null) return 'completed';
  if (code === 'TASK_TIMEOUT') return 'timedOut';
  if (code === 'TASK_CANCELLED') return 'cancelled';
  return 'failed';
}
