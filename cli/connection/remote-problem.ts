import { errorCatalogue, errorDefinition } from '../../core/errors/catalogue.ts';
import type { ExitCode } from '../../core/errors/define.ts';
import { isRecord } from './json-file.ts';

/** What a server refused. Its code may be one that only a newer server knows. */
export class RemoteProblem extends Error {
  readonly code: string;
  readonly hint: string | null;
  readonly details: unknown;
  readonly status: number;
  readonly taskId: string | null;

  constructor(problem: {
    code: string;
    message: string;
    hint: string | null;
    details?: unknown;
    status: number;
    taskId?: string | null;
  }) {
    super(problem.message);
    this.name = 'RemoteProblem';
    this.code = problem.code;
    this.hint = problem.hint;
    this.details = problem.details ?? null;
    this.status = problem.status;
    this.taskId = problem.taskId ?? null;
  }

  get exitCode(): ExitCode {
    if (this.code in errorCatalogue) return errorDefinition(this.code).exit;
    if (this.status === 401 || this.status === 403) return 3;
    return this.status === 400 || this.status === 422 ? 5 : 1;
  }
}

/** Reads the error shape, and the two shapes of older servers: `{error:"text"}` and `{error:true,message}`. */
export function problemFromAnswer(status: number, body: unknown): RemoteProblem {
  const answer = isRecord(body) ? body : {};
  const error = isRecord(answer.error) ? answer.error : {};
  const code = typeof error.code === 'string' ? error.code : codeOfStatus(status);
  const message =
    [error.message, answer.message, answer.error].find((m): m is string => typeof m === 'string' && m !== '') ??
    `The server answered with status ${status}.`;
  const known = code in errorCatalogue ? errorDefinition(code).next : null;
  return new RemoteProblem({
    code,
    message,
    hint: typeof error.hint === 'string' ? error.hint : known,
    details: error.details,
    status,
    taskId: typeof answer.taskId === 'string' ? answer.taskId : null,
  });
}

function codeOfStatus(status: number): string {
  if (status === 401) return 'UNAUTHORIZED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 429) return 'TOO_MANY_REQUESTS';
  return status >= 500 ? 'INTERNAL' : 'INVALID_REQUEST';
}
