import type { FastifyReply, FastifyRequest } from 'fastify';
import { findStatic } from './static-files.ts';

/** Sends a static file, or returns null when there is none. Only for GET and HEAD. */
export async function sendStatic(
  folder: string,
  domain: string,
  segments: readonly string[],
  trailingSlash: boolean,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | null> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return null;
  const answer = await findStatic(folder, domain, segments, trailingSlash);
  if (answer === null) return null;
  if ('redirect' in answer) return reply.redirect(answer.redirect, 302);
  const { handle, stats, mediaType } = answer.file;
  const tag = `"${stats.size.toString(16)}-${Math.floor(stats.mtimeMs).toString(16)}"`;
  reply.header('cache-control', 'no-cache').header('etag', tag).header('last-modified', stats.mtime.toUTCString());
  if (request.headers['if-none-match'] === tag) {
    await handle.close();
    return reply.code(304).send();
  }
  reply.type(mediaType).header('content-length', stats.size);
  if (request.method === 'HEAD') {
    await handle.close();
    return reply.send();
  }
  // Not past the size that was announced, should the file grow meanwhile.
  return reply.send(stats.size === 0 ? await emptied(handle) : handle.createReadStream({ end: stats.size - 1 }));
}

async function emptied(handle: { close(): Promise<void> }): Promise<string> {
  await handle.close();
  return '';
}
