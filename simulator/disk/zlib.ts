/** In place of `node:zlib`: what runs in threads there is done at once here, so that nothing depends on threads. */
export * from 'node:zlib';

import { gunzipSync, gzipSync, type ZlibOptions } from 'node:zlib';
import { surroundings } from '../ground/current.ts';

type Told = (error: Error | null, result?: Buffer) => void;

function later(work: () => Buffer, told: Told): void {
  const { ground } = surroundings();
  ground.ask(ground.random.between(0.1, 3), work).then(
    (result) => told(null, result),
    (error: Error) => told(error),
  );
}

export function gzip(content: string | Uint8Array, options: ZlibOptions | Told, told?: Told): void {
  const given = typeof options === 'function' ? {} : options;
  later(() => gzipSync(content, given), typeof options === 'function' ? options : (told as Told));
}

export function gunzip(content: Uint8Array, options: ZlibOptions | Told, told?: Told): void {
  const given = typeof options === 'function' ? {} : options;
  later(() => gunzipSync(content, given), typeof options === 'function' ? options : (told as Told));
}
