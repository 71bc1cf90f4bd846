import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/**
 * Sends the texts of a generator as they come, no faster than the client reads. The signal that the generator is
 * made with aborts when the client goes away or the server closes.
 */
export function streamTexts(
  reply: FastifyReply,
  closing: AbortSignal,
  make: (signal: AbortSignal) => AsyncGenerator<string>,
): Readable {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return Readable.from(make(AbortSignal.any([gone.signal, closing])), { objectMode: true, highWaterMark: 64 });
}
