import { maskedCrc32c } from './crc32c.ts';
import { unsnap } from './snappy.ts';

const footerSize = 48;
const trailerSize = 5;
const magic = 0xdb4775248b80fb57n;

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/** Its last bytes are written last. */
export function isFinishedTable(bytes: Buffer): boolean {
  return bytes.length >= footerSize && bytes.readBigUInt64LE(bytes.length - 8) === magic;
}

class Unfit extends Error {}

/**
 * Every byte of a LevelDB table (doc/table_format.md): blocks one after another without a gap, each with its checksum,
 * then the footer. LevelDB itself does not look at the checksums on ordinary reads, and classic-level cannot ask it to.
 * @returns what is wrong, or null
 */
export function problemOfTable(bytes: Buffer): string | null {
  try {
    check(bytes);
    return null;
  } catch (error) {
    if (error instanceof Unfit || error instanceof RangeError) return error.message;
    throw error;
  }
}

function check(bytes: Buffer): void {
  const end = bytes.length - footerSize;
  if (!isFinishedTable(bytes)) throw new Unfit('its end is not that of a table');
  const [metaindex, afterFirst] = handleAt(bytes, end);
  const [index] = handleAt(bytes, afterFirst);
  const filters = handlesOf(block(bytes, metaindex));
  let expected = 0;
  for (const handle of [...handlesOf(block(bytes, index)), ...filters, metaindex, index]) {
    if (handle.offset !== expected) throw new Unfit(`a block was expected at byte ${expected}`);
    block(bytes, handle);
    expected = handle.offset + handle.size + trailerSize;
  }
  if (expected !== end) throw new Unfit(`its blocks end at byte ${expected} and not at ${end}`);
}

/** The content of a block whose checksum fits. */
function block(bytes: Buffer, { offset, size }: Handle): Uint8Array {
  if (offset + size + trailerSize > bytes.length) throw new Unfit('it is cut off');
  const stored = bytes.readUInt32LE(offset + size + 1);
  if (maskedCrc32c(bytes.subarray(offset, offset + size + 1)) !== stored) {
    throw new Unfit(`the checksum of its bytes ${offset} to ${offset + size} does not fit`);
  }
  const content = bytes.subarray(offset, offset + size);
  const plain = bytes[offset + size] === 1 ? unsnap(content) : content;
  if (!plain) throw new Unfit(`its bytes ${offset} to ${offset + size} cannot be unpacked`);
  return plain;
}

/** Values of a block of entries (shared length, own length, value length, own key, value) that are handles. */
function handlesOf(content: Uint8Array): Handle[] {
  const bytes = Buffer.from(content);
  const restarts = bytes.readUInt32LE(bytes.length - 4);
  const end = bytes.length - 4 - 4 * restarts;
  const handles: Handle[] = [];
  let at = 0;
  while (at < end) {
    const [, afterShared] = varintAt(bytes, at);
    const [own, afterOwn] = varintAt(bytes, afterShared);
    const [valueSize, keyAt] = varintAt(bytes, afterOwn);
    handles.push(handleAt(bytes, keyAt + own)[0]);
    at = keyAt + own + valueSize;
  }
  return handles;
}

function handleAt(bytes: Buffer, at: number): [handle: Handle, next: number] {
  const [offset, afterOffset] = varintAt(bytes, at);
  const [size, next] = varintAt(bytes, afterOffset);
  return [{ offset, size }, next];
}

function varintAt(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  for (let i = 0; i < 8; i += 1) {
    const byte = bytes.readUInt8(at + i);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, at + i + 1];
  }
  throw new Unfit('a number in it is too long');
}
