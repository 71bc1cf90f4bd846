import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import compressible from 'compressible';
import { type ByteRange, byteRange } from './byte-range.ts';
import { cacheControl } from './cache-control.ts';
import { acceptedEncodings, type Encoding, packedBytes, packedSibling, worthPacking } from './content-encoding.ts';
import { type FolderFiles, oneRead } from './folder-files.ts';
import { mediaTypeOf } from './media-type.ts';
import type { OpenFile } from './open-file.ts';
import { precondition, rangeApplies, type Validators } from './preconditions.ts';

export interface SendOptions {
  /** 200, or what a page says that stands for something else, which is sent as a whole. */
  readonly status: 200 | 404;
  /** Whether others than the asking browser may keep it. */
  readonly kept: 'public' | 'private';
  /** Where files are that are packed already. */
  readonly files: FolderFiles;
}

/** What went out. */
export interface Sent {
  /** Of the body. */
  readonly bytes: number;
  /** False where the visitor or the rest of the file was gone before the end. */
  readonly whole: boolean;
}

const noBody: Sent = { bytes: 0, whole: true };

/**
 * Answers GET or HEAD with a file, by the book of RFC 9110: conditions, one range, packed where the client can unpack
 * it. Closes the file. The parts (`fresh`, `negotiator`, `mime-types`, `compressible`) are those that `send` of Express is
 * made of; `send` itself knows one form of a file only, and here each packed form has a tag of its own.
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  bare: OpenFile,
  { status, kept, files }: SendOptions,
): Promise<Sent> {
  const type = mediaTypeOf(bare.place);
  const packs = compressible(type) === true;
  const form = packs ? await formOf(request, bare, files) : { file: bare, encoding: null, packedHere: false };
  try {
    const file = validatorsOf(bare, form.encoding);
    const headers: OutgoingHttpHeaders = {
      'x-content-type-options': 'nosniff',
      ...(packs ? { vary: 'Accept-Encoding' } : {}),
      ...(status === 200
        ? {
            'cache-control': cacheControl(basename(bare.place), kept),
            etag: file.etag,
            'last-modified': file.lastModified,
            'accept-ranges': 'bytes',
          }
        : { 'cache-control': 'no-cache' }),
    };
    const met = status === 200 ? precondition(request.headers, file) : 'met';
    if (met !== 'met') {
      response.writeHead(met === 'failed' ? 412 : 304, headers);
      response.end();
      return noBody;
    }
    headers['content-type'] = type;
    if (form.encoding !== null) headers['content-encoding'] = form.encoding;
    if (form.packedHere && form.encoding !== null) {
      const bytes = await packedBytes(bare, form.encoding, file.etag);
      response.writeHead(status, { ...headers, 'content-length': bytes.length });
      if (request.method === 'HEAD') {
        response.end();
        return noBody;
      }
      response.end(bytes);
      return { bytes: bytes.length, whole: true };
    }
    return await sendBytes(request, response, form.file, status, headers, file);
  } finally {
    if (form.file !== bare) await form.file.content.close();
    await bare.content.close();
  }
}

interface Form {
  readonly file: OpenFile;
  readonly encoding: Encoding | null;
  /** Not a file of its own. */
  readonly packedHere: boolean;
}

async function formOf({ headers }: IncomingMessage, bare: OpenFile, files: FolderFiles): Promise<Form> {
  const encodings = acceptedEncodings(headers);
  const sibling = await packedSibling(bare, encodings, files);
  if (sibling) return { ...sibling, packedHere: false };
  const [best] = encodings;
  if (best === undefined || !worthPacking(bare.size)) return { file: bare, encoding: null, packedHere: false };
  return { file: bare, encoding: best, packedHere: true };
}

/**
 * A strong tag, as If-Range needs one: files of a release are written once, so size and time to a part of a millisecond
 * tell one content from another.
 */
function validatorsOf({ size, modifiedMs }: OpenFile, encoding: Encoding | null): Validators {
  const version = `${size.toString(36)}-${Math.round(modifiedMs * 1000).toString(36)}`;
  return {
    etag: encoding === null ? `"${version}"` : `"${version}-${encoding}"`,
    lastModified: new Date(modifiedMs).toUTCString(),
  };
}

async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  file: OpenFile,
  status: number,
  headers: OutgoingHttpHeaders,
  validators: Validators,
): Promise<Sent> {
  const { size } = file;
  const range = status === 200 ? rangeOf(request, size, validators) : null;
  if (range === 'unsatisfiable') {
    delete headers['content-type'];
    response.writeHead(416, { ...headers, 'content-range': `bytes */${size}`, 'content-length': 0 });
    response.end();
    return noBody;
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const length = end - start + 1;
  headers['content-length'] = length;
  if (range) headers['content-range'] = `bytes ${start}-${end}/${size}`;
  const answer = range ? 206 : status;
  if (request.method === 'HEAD' || length === 0) {
    response.writeHead(answer, headers);
    response.end();
    return noBody;
  }
  if (length > oneRead) {
    response.writeHead(answer, headers);
    return stream(response, file, { start, end });
  }
  const bytes = await file.content.read(start, length);
  if (bytes.length < length) {
    response.destroy();
    return { bytes: 0, whole: false };
  }
  response.writeHead(answer, headers);
  response.end(bytes);
  return { bytes: length, whole: true };
}

/** Ranges are of what GET answers; HEAD tells of the whole (RFC 9110, 14.2). */
function rangeOf({ method, headers }: IncomingMessage, size: number, file: Validators) {
  if (method !== 'GET' || headers.range === undefined || !rangeApplies(headers, file)) return null;
  return byteRange(headers.range, size);
}

/** Not past the end that was announced, should the file grow meanwhile; cut off where it shrank. */
async function stream(response: ServerResponse, file: OpenFile, { start, end }: ByteRange): Promise<Sent> {
  const content = file.content.stream(start, end);
  try {
    await pipeline(content, response, { end: false });
  } catch {
    // Whoever asked went away, or the disk failed: either way nothing more can be said on this connection.
    response.destroy();
    return { bytes: content.bytesRead, whole: false };
  }
  const whole = content.bytesRead === end - start + 1;
  if (whole) response.end();
  else response.destroy();
  return { bytes: content.bytesRead, whole };
}
