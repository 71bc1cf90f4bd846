import { errorFromProblem, isPloinkyError, type PloinkyError, problemOf } from '../../core/errors/ploinky-error.ts';
import type { SentProblem } from './messages.ts';

/** An error of any kind, for the other process. What a defect says stays in the log of the process that has it. */
export function sentProblem(error: unknown): SentProblem {
  return { ...problemOf(error), details: isPloinkyError(error) ? error.details : null };
}

/** The error again. One that is no operational error is a defect here as well. */
export function errorOf({ details, ...problem }: SentProblem): Error {
  if (problem.code === 'INTERNAL') return new Error('another process of this server met a defect; see its log');
  const error: PloinkyError = errorFromProblem(problem, details ?? undefined);
  return error;
}
