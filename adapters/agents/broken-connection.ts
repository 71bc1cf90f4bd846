/** Errors before a connection existed: nothing can have been sent. */
const beforeConnected = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ENOTDIR',
  'ENOTSOCK',
  'EACCES',
  'EPERM',
  'EAGAIN',
  'EADDRNOTAVAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EMFILE',
  'ENFILE',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What a failed HTTP exchange says about whether the other side got the request. */
export type Break = 'notDelivered' | 'answerTooLarge' | 'answerLost';

export function breakOf(error: unknown): Break {
  const code = codeOf(error);
  if (beforeConnected.has(code)) return 'notDelivered';
  return code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? 'answerTooLarge' : 'answerLost';
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  // Several addresses of one host: each failed on its own, and the first says enough.
  const errors = (error as { errors?: unknown[] } | null)?.errors;
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : '';
}
