import { crcBegin, crcNext, masked } from '../../../core/log/crc32c.ts';
import { unsnap } from '../../../core/log/snappy.ts';
import { Cursor, type StoredEntry } from './stored-entry.ts';

const footerSize = 48;
/** Behind each block: how it is packed, and a checksum. */
const trailerSize = 5;

interface Place {
  readonly offset: number;
  readonly size: number;
}

/**
 * The entries of a LevelDB table, as far as they can be read, with or without LevelDB's own checksums: each value has one
 * of its own, and events a chain. Reading never changes a file and never ends the process, as LevelDB's reading may.
 */
export function* tableEntries(bytes: Buffer): Generator<StoredEntry> {
  for (const place of dataBlocks(bytes)) {
    const content = blockAt(bytes, place);
    if (content) yield* entriesOf(content);
  }
}

/** As the index says, or where it cannot be read, as their checksums say. */
function dataBlocks(bytes: Buffer): Place[] {
  try {
    const footer = new Cursor(bytes.subarray(Math.max(0, bytes.length - footerSize)));
    placeAt(footer);
    const index = blockAt(bytes, placeAt(footer));
    const places = index ? [...rawEntries(index)].map(({ value }) => placeAt(new Cursor(value))) : [];
    if (places.length > 0) return places;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return blocksByChecksum(bytes);
}

/** One block begins where the one before it ends, and a block is one when its checksum says so. */
function blocksByChecksum(bytes: Buffer): Place[] {
  const places: Place[] = [];
  for (let offset = 0; offset + trailerSize < bytes.length; ) {
    const size = sizeByChecksum(bytes, offset);
    if (size === null) break;
    places.push({ offset, size });
    offset += size + trailerSize;
  }
  return places;
}

function sizeByChecksum(bytes: Buffer, offset: number): number | null {
  let crc = crcBegin;
  for (let end = offset; end + trailerSize <= bytes.length; end += 1) {
    const packed = bytes[end] as number;
    if (packed <= 1 && end > offset && masked(crcNext(crc, packed)) === bytes.readUInt32LE(end + 1))
      return end - offset;
    crc = crcNext(crc, packed);
  }
  return null;
}

function blockAt(bytes: Buffer, { offset, size }: Place): Buffer | null {
  if (offset + size + trailerSize > bytes.length) return null;
  const content = bytes.subarray(offset, offset + size);
  if (bytes[offset + size] !== 1) return content;
  const plain = unsnap(content);
  return plain && Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
}

function* entriesOf(block: Buffer): Generator<StoredEntry> {
  for (const { key, value } of rawEntries(block)) {
    if (key.length < 8) return;
    const tag = key.readBigUInt64LE(key.length - 8);
    yield {
      key: key.toString('utf8', 0, key.length - 8),
      value: value.toString('utf8'),
      version: Number(tag >> 8n),
      deleted: (tag & 0xffn) === 0n,
    };
  }
}

/** Keys share their beginning with the one before. */
function* rawEntries(block: Buffer): Generator<{ key: Buffer; value: Buffer }> {
  if (block.length < 4) return;
  const restarts = block.readUInt32LE(block.length - 4);
  const end = block.length - 4 - 4 * restarts;
  const cursor = new Cursor(block.subarray(0, end > 0 ? end : block.length - 4));
  let key: Buffer = Buffer.alloc(0);
  while (cursor.left > 0) {
    try {
      const [shared, own, size] = [cursor.varint(), cursor.varint(), cursor.varint()];
      key = Buffer.concat([key.subarray(0, shared), cursor.take(own)]);
      yield { key, value: cursor.take(size) };
    } catch (error) {
      if (error instanceof RangeError) return;
      throw error;
    }
  }
}

function placeAt(cursor: Cursor): Place {
  return { offset: cursor.varint(), size: cursor.varint() };
}
