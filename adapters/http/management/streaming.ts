import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** A client that takes nothing for so long is gone, whatever its connection says. */
const stalledMs = 60_000;

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
  const watch = setInterval(stallCheck(reply), stalledMs / 2);
  watch.unref();
  gone.signal.addEventListener('abort', () => clearInterval(watch), { once: true });
  return Readable.from(make(AbortSignal.any([gone.signal, closing])), { objectMode: true, highWaterMark: 64 });
}

/** Counts only while bytes wait to be taken, so that a quiet stream is not mistaken for a dead one. */
function stallCheck(reply: FastifyReply): () => void {
  let sent = -1;
  let stalls = 0;
  return () => {
    const { socket } = reply.raw;
    if (!socket) return;
    const now = socket.bytesWritten - socket.writableLength;
    stalls = socket.writableLength > 0 && now === sent ? stalls + 1 : 0;
    sent = now;
    if (stalls >= 2) socket.destroy();
  };
}
