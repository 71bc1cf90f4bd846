import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { MalformedAnswer } from './response-head.ts';

const notThere: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ETIMEDOUT',
  'EACCES',
  'EADDRNOTAVAIL',
]);

/** The service took no connection: nothing was sent. */
export function hadNoConnection(error: Error): boolean {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  return syscall === 'connect' && notThere.has(code);
}

/** What a client is told where the service gave no answer that could be passed on. */
export function passProblem(error: Error): PloinkyError {
  if (error instanceof PloinkyError) return error;
  const options = { cause: error };
  if (error instanceof MalformedAnswer) {
    return new PloinkyError('SERVICE_BAD_ANSWER', `The web service sent no valid HTTP: ${error.message}.`, options);
  }
  if (hadNoConnection(error)) {
    return new PloinkyError('SERVICE_UNREACHABLE', 'The web service takes no connections at the moment.', options);
  }
  return new PloinkyError('SERVICE_BROKE_OFF', 'The web service ended the connection before it answered.', options);
}
