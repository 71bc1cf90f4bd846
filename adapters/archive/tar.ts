/**
 * Plain tar (POSIX ustar), as `tar` itself reads it: files only, with names up to 100 bytes. Read by our own hand, because
 * a cut-off archive must tell how far it goes, and a library throws away what it holds when its input breaks.
 */
const block = 512;
const longestName = 100;
/** Larger sizes do not fit into eleven octal digits; GNU's form for them is known everywhere. */
const octalLimit = 8 ** 11;

/** Begins an entry; its `size` bytes follow, then `tarPadding(size)`. */
export function tarHeader(name: string, size: number, seconds: number): Buffer {
  const header = Buffer.alloc(block);
  if (Buffer.byteLength(name) > longestName) throw new Error(`a name is too long for tar: ${name}`);
  header.write(name, 0);
  header.write('0000600\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  if (size < octalLimit) header.write(octal(size, 11), 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write(octal(seconds, 11), 136);
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

export function tarPadding(size: number): Buffer {
  return Buffer.alloc((block - (size % block)) % block);
}

/** Ends an archive. */
export const tarEnd = Buffer.alloc(2 * block);

export interface TarEntry {
  readonly name: string;
  readonly size: number;
  /** Its bytes, in pieces. What is not read is passed over. */
  content(): AsyncGenerator<Buffer>;
}

/** What cannot be read is no tar, or ends too early. */
class TarBroken extends Error {}

/**
 * Entries in order. `digest` is given every byte up to the end of an entry when its content was read; so at an entry whose
 * content was not read yet it knows all that came before.
 */
export async function* readTar(
  source: AsyncIterator<Buffer>,
  digest: (bytes: Buffer) => void = () => {},
): AsyncGenerator<TarEntry> {
  const input = new Bytes(source);
  let held: Buffer | null = null;
  const told = (bytes: Buffer) => {
    if (held) digest(held);
    held = null;
    digest(bytes);
  };
  for (;;) {
    const header = await input.take(block);
    if (header.every((byte) => byte === 0)) return drain(source);
    const { name, size } = parseHeader(header);
    held = header;
    let left = size;
    const rest = async function* () {
      while (left > 0) {
        const piece = await input.some(left);
        left -= piece.length;
        told(piece);
        yield piece;
      }
    };
    yield { name, size, content: rest };
    for await (const _ of rest()) {
      // passed over
    }
    told(await input.take((block - (size % block)) % block));
  }
}

/** All of an entry's bytes. */
export async function contentOf(entry: TarEntry): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of entry.content()) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What comes after the end is nothing but padding; but only the end of its source tells that its source was whole. */
async function drain(source: AsyncIterator<Buffer>): Promise<void> {
  while (!(await source.next()).done) {
    // padding
  }
}

function parseHeader(header: Buffer): { name: string; size: number } {
  const sum = Number.parseInt(header.toString('latin1', 148, 154), 8);
  if (sum !== checksum(header)) throw new TarBroken('the head of a file in it was changed');
  const end = header.indexOf(0);
  const name = header.toString('utf8', 0, end >= 0 && end < longestName ? end : longestName);
  const size =
    header[124] === 0x80
      ? Number(header.readBigUInt64BE(128))
      : Number.parseInt(header.toString('latin1', 124, 135), 8);
  if (!Number.isSafeInteger(size) || size < 0) throw new TarBroken('the head of a file in it has no size');
  return { name, size };
}

function checksum(header: Buffer): number {
  let sum = 0;
  for (let i = 0; i < block; i += 1) sum += i >= 148 && i < 156 ? 0x20 : (header[i] as number);
  return sum;
}

function octal(value: number, digits: number): string {
  return Math.floor(value).toString(8).padStart(digits, '0');
}

/** Bytes out of pieces of any length. */
class Bytes {
  readonly #source: AsyncIterator<Buffer>;
  #piece: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterator<Buffer>) {
    this.#source = source;
  }

  /** At least one byte, at most `most`. @throws TarBroken at the end */
  async some(most: number): Promise<Buffer> {
    while (this.#piece.length === 0) {
      const { done, value } = await this.#source.next();
      if (done) throw new TarBroken('it ends too early');
      this.#piece = value;
    }
    const taken = this.#piece.subarray(0, most);
    this.#piece = this.#piece.subarray(taken.length);
    return taken;
  }

  /** Exactly so many. @throws TarBroken at the end */
  async take(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const piece = await this.some(left);
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces, length);
  }
}
