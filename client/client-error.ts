/** An answer that is no success. `message` is the server's, or `HTTP <status>: <text>` where it sent none. */
export class PloinkyClientError extends Error {
  readonly status: number;
  /** From the server's error catalogue; null where the answer had none. */
  readonly code: string | null;
  /** What to do next, in the server's words. */
  readonly hint: string | null;
  readonly details: unknown;
  readonly taskId: string | null;

  constructor(status: number, statusText: string, body: unknown) {
    const answer = isRecord(body) ? body : {};
    const error = isRecord(answer.error) ? answer.error : {};
    super(textOf(error.message) ?? textOf(answer.message) ?? textOf(answer.error) ?? `HTTP ${status}: ${statusText}`);
    this.name = 'PloinkyClientError';
    this.status = status;
    this.code = textOf(error.code);
    this.hint = textOf(error.hint);
    this.details = error.details ?? null;
    this.taskId = textOf(answer.taskId);
  }
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
