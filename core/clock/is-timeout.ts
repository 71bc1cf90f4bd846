/** Whether this is what `withDeadline` and `AbortSignal.timeout` abort with. */
export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
