import { cliErrors } from './cli-errors.ts';
import type { ErrorDefinition } from './define.ts';
import { historyErrors } from './history-errors.ts';
import { logErrors } from './log-errors.ts';
import { pipelineErrors } from './pipeline-errors.ts';
import { requestErrors } from './request-errors.ts';
import { secretErrors } from './secret-errors.ts';
import { serviceErrors } from './service-errors.ts';
import { taskErrors } from './task-errors.ts';

/** Every error a user can meet, equal to `docs/errors.md` by test. */
export const errorCatalogue = {
  ...logErrors,
  ...historyErrors,
  ...requestErrors,
  ...pipelineErrors,
  ...secretErrors,
  ...taskErrors,
  ...serviceErrors,
  ...cliErrors,
} as const;

export type ErrorCode = keyof typeof errorCatalogue;

export function errorDefinition(code: string): ErrorDefinition {
  return Object.hasOwn(errorCatalogue, code) ? errorCatalogue[code as ErrorCode] : errorCatalogue.INTERNAL;
}
