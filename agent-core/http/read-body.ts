import type { IncomingMessage } from 'node:http';

/** Above what any gateway lets through, so that it is the gateway's limit that callers meet. */
export const bodyLimit = 128 * 1024 * 1024;

/** The body as text; null when it is over the limit. Rejects when the client goes away. */
export function readBody(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bodyLimit) chunks.push(chunk);
      else resolve(null);
    });
    request.on('end', () => {
      resolve(chunks.length === 1 && chunks[0] ? chunks[0].toString('utf8') : Buffer.concat(chunks).toString('utf8'));
    });
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client went away')));
  });
}
