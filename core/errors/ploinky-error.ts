import { type ErrorCode, errorCatalogue, errorDefinition } from './catalogue.ts';
import type { ExitCode } from './define.ts';

/** The shape of a problem in events, HTTP answers and `--json`. */
export interface ProblemShape {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/**
 * An operational error: expected, with a code of the catalogue. Anything else that is thrown is a defect
 * and reaches users as INTERNAL.
 */
export class PloinkyError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  /** More for machines, for example stage and log of a failed release. JSON, without secrets. */
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown; details?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PloinkyError';
    this.code = code;
    this.hint = options.hint ?? errorCatalogue[code].next;
    this.details = options.details ?? null;
  }

  get status(): number {
    return errorDefinition(this.code).status;
  }

  get exitCode(): ExitCode {
    return errorDefinition(this.code).exit;
  }
}

export function isPloinkyError(error: unknown, code?: ErrorCode): error is PloinkyError {
  return error instanceof PloinkyError && (code === undefined || error.code === code);
}

/** What may be told of any thrown value. A defect's message stays in the server's log. */
export function problemOf(error: unknown): ProblemShape {
  if (error instanceof PloinkyError) return { code: error.code, message: error.message, hint: error.hint };
  return {
    code: 'INTERNAL',
    message: 'Something unexpected happened inside Ploinky.',
    hint: errorCatalogue.INTERNAL.next,
  };
}

/** The way back: a problem from an event becomes an error again. */
export function errorFromProblem(problem: ProblemShape, details?: unknown): PloinkyError {
  const code = (Object.hasOwn(errorCatalogue, problem.code) ? problem.code : 'INTERNAL') as ErrorCode;
  return new PloinkyError(code, problem.message, {
    ...(problem.hint === null ? {} : { hint: problem.hint }),
    details,
  });
}
