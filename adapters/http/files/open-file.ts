import type { ReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** Whoever gets one closes its content. */
export interface OpenFile {
  /** Absolute, without symbolic links. */
  readonly place: string;
  readonly size: number;
  /** Milliseconds since 1970, with what the file system knows beyond them. */
  readonly modifiedMs: number;
  readonly content: Content;
}

export interface Content {
  /** Shorter than asked for where the file shrank. */
  read(start: number, length: number): Promise<Buffer>;
  /** Both ends included. Does not close the content. */
  stream(start: number, end: number): ReadStream;
  close(): Promise<void>;
}

export function handleContent(handle: FileHandle): Content {
  return {
    async read(start, length) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    },
    stream: (start, end) => handle.createReadStream({ start, end, autoClose: false, highWaterMark: 256 * 1024 }),
    close: () => handle.close(),
  };
}
