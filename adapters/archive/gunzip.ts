import { createGunzip } from 'node:zlib';

/**
 * Unpacks pieces of gzip as they come. What was unpacked before a fault is handed on before the fault is thrown: a stream
 * in a pipeline would throw it away, and nobody could say how far a cut-off file is good.
 */
export async function* gunzipped(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let out: Buffer[] = [];
  let failure: Error | null = null;
  gunzip.on('data', (piece: Buffer) => out.push(piece));
  // Where it fails, whoever wrote last is not always told.
  const broken = new Promise<void>((resolve) => {
    gunzip.on('error', (error) => {
      failure = error;
      resolve();
    });
  });
  const unpacked = () => {
    const pieces = out;
    out = [];
    return pieces;
  };
  try {
    for await (const piece of source) {
      if (failure) break;
      await Promise.race([broken, new Promise<void>((resolve) => gunzip.write(piece, () => resolve()))]);
      yield* unpacked();
    }
    if (!failure) {
      const ended = new Promise<void>((resolve) => gunzip.once('end', resolve));
      gunzip.end();
      await Promise.race([broken, ended]);
    }
    yield* unpacked();
    if (failure) throw failure;
  } finally {
    gunzip.destroy();
  }
}
