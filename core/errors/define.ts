/** 1 general · 2 connection · 3 authentication · 4 container · 5 configuration, or what was named does not exist */
export type ExitCode = 1 | 2 | 3 | 4 | 5;

export interface ErrorDefinition {
  /** HTTP status where the error reaches a client. */
  readonly status: number;
  readonly exit: ExitCode;
  /** Why it happens, one sentence for `docs/errors.md`. */
  readonly cause: string;
  /** What to do next. Used as the hint where the place that throws knows nothing better. */
  readonly next: string;
}

export function defineErrors<const T extends Record<string, ErrorDefinition>>(errors: T): T {
  return errors;
}
