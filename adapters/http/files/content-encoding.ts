import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';
import type { FolderFiles } from './folder-files.ts';
import type { OpenFile } from './open-file.ts';

/** By name as in Accept-Encoding: end of the names of files that are packed already. */
const packed = { br: '.br', gzip: '.gz' } as const;

export type Encoding = keyof typeof packed;

/** Below it, a packet is sent anyway; above it, packing at each change would take too long: such files come packed. */
const smallest = 1024;
const largest = 4 * 1024 * 1024;

/** What the client can unpack, the best first. A range is always of the bare file. */
export function acceptedEncodings(headers: IncomingHttpHeaders): Encoding[] {
  if (headers['accept-encoding'] === undefined || headers.range !== undefined) return [];
  const negotiator: Negotiating = new Negotiator({ headers });
  const wanted = negotiator.encodings(['br', 'gzip', 'identity'], { preferred: ['br', 'gzip'] });
  const bare = wanted.indexOf('identity');
  return (bare < 0 ? wanted : wanted.slice(0, bare)) as Encoding[];
}

/** `preferred` decides between what the client likes equally; the published types do not know it yet. */
interface Negotiating {
  encodings(available: readonly string[], options: { readonly preferred: readonly string[] }): string[];
}

/** `app.js.br` beside `app.js`, where its author packed it. */
export async function packedSibling(
  { place }: OpenFile,
  encodings: readonly Encoding[],
  files: FolderFiles,
): Promise<{ readonly encoding: Encoding; readonly file: OpenFile } | null> {
  for (const encoding of encodings) {
    const file = await files.at(place + packed[encoding]);
    if (file !== null && file !== 'folder') return { encoding, file };
  }
  return null;
}

export function worthPacking(size: number): boolean {
  return size >= smallest && size <= largest;
}

interface Source {
  readonly file: OpenFile;
  readonly encoding: Encoding;
}

/** Packed bytes of files by place, version and encoding. Those that nobody asked for the longest go first. */
const kept = new LRUCache<string, Buffer, Source>({
  maxSize: 32 * 1024 * 1024,
  sizeCalculation: (bytes) => bytes.length,
  fetchMethod: (_key, _stale, { context }) => pack(context),
});

/** Who asks for what somebody else has packed at this moment waits for that. The file stays open until then. */
export async function packedBytes(file: OpenFile, encoding: Encoding, etag: string): Promise<Buffer> {
  const bytes = await kept.fetch(`${file.place}\0${etag}`, { context: { file, encoding } });
  return bytes ?? pack({ file, encoding });
}

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

async function pack({ file: { content, size }, encoding }: Source): Promise<Buffer> {
  const bytes = await content.read(0, size);
  if (encoding === 'gzip') return zip(bytes);
  // 5 of 11: nearly as small as gzip's best at a tenth of the time that 11 takes.
  return brotli(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}
