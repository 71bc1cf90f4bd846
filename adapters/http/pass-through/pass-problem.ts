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

/** What a client is told where the service gave no answer that could be passed on. */
export function passProblem(error: Error): PloinkyError {
  if (error instanceof PloinkyError) return error;
  const options = { cause: error };
  if (error instanceof MalformedAnswer) {
    return new PloinkyError('SERVICE_BAD_ANSWER', `The web service sent no valid HTTP: ${error.message}.`, options);
  }
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const connecting = (error as NodeJS.ErrnoException).syscall === 'connect';
  if (connecting && notThere.has(code)) {
    return new PloinkyError('SERVICE_UNREACHABLE', 'The web service takes no connections at the moment.', options);
  }
  return new PloinkyError('SERVICE_BROKE_OFF', 'The web service ended the connection before it answered.', options);
}
