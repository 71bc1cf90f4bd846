import type { FastifyReply } from 'fastify';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';

/**
 * A signal for waiting on behalf of a request: aborted when its client goes away or the server closes. What was
 * begun goes on; only nobody waits for it here any more.
 */
export async function waitFor<T>(
  reply: FastifyReply,
  closing: AbortSignal,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  reply.raw.once('close', leave);
  try {
    return await wait(AbortSignal.any([gone.signal, closing]));
  } catch (error) {
    if (closing.aborted) {
      throw new PloinkyError('LOG_CLOSED', 'The server is stopping; what was begun goes on with its next start.');
    }
    if (gone.signal.aborted) throw new PloinkyError('INVALID_REQUEST', 'The client went away.');
    throw error;
  } finally {
    reply.raw.off('close', leave);
  }
}
