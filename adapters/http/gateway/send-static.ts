import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { findStatic } from './static-files.ts';

/** Sends a static file; false when there is none. Only for GET and HEAD. */
export async function sendStatic(
  folder: string,
  domain: string,
  segments: readonly string[],
  trailingSlash: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const answer = await findStatic(folder, domain, segments, trailingSlash);
  if (answer === null) return false;
  const guarded = { 'x-content-type-options': 'nosniff' };
  if ('redirect' in answer) {
    response.writeHead(302, { ...guarded, location: answer.redirect, 'content-length': 0 }).end();
    return true;
  }
  const { handle, stats, mediaType } = answer.file;
  const etag = `"${stats.size.toString(16)}-${Math.floor(stats.mtimeMs).toString(16)}"`;
  const validators = { 'cache-control': 'no-cache', etag, 'last-modified': stats.mtime.toUTCString() };
  if (request.headers['if-none-match'] === etag) {
    await handle.close();
    response.writeHead(304, { ...guarded, ...validators }).end();
    return true;
  }
  response.writeHead(200, {
    ...guarded,
    ...validators,
    'content-type': mediaType,
    'content-length': stats.size,
  });
  if (request.method === 'HEAD' || stats.size === 0) {
    await handle.close();
    response.end();
    return true;
  }
  // Not past the size that was announced, should the file grow meanwhile.
  await pipeline(handle.createReadStream({ end: stats.size - 1 }), response).catch(() => response.destroy());
  return true;
}
