/**
 * Takes a Snappy block apart (google/snappy, format_description.txt). LevelDB does so itself when it reads; this is for
 * looking at its files without it.
 * @returns null when the bytes are no Snappy block
 */
export function unsnap(bytes: Uint8Array): Uint8Array | null {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at];
    at += 1;
    if (byte === undefined || shift > 28) return null;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (length > 64 * 1024 * 1024) return null;
  const out = new Uint8Array(length);
  let written = 0;
  const number = (width: number) => {
    let value = 0;
    for (let i = 0; i < width; i += 1) value += (bytes[at + i] ?? 0) * 2 ** (8 * i);
    at += width;
    return value;
  };
  while (at < bytes.length) {
    const tag = number(1);
    if ((tag & 3) === 0) {
      const short = tag >> 2;
      const size = (short < 60 ? short : number(short - 59)) + 1;
      if (at + size > bytes.length || written + size > length) return null;
      out.set(bytes.subarray(at, at + size), written);
      at += size;
      written += size;
      continue;
    }
    const near = (tag & 3) === 1;
    const size = near ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const back = near ? ((tag >> 5) << 8) + number(1) : number((tag & 3) === 2 ? 2 : 4);
    if (back === 0 || back > written || written + size > length) return null;
    // Byte by byte: a copy may reach into what it writes.
    for (let i = 0; i < size; i += 1) out[written + i] = out[written + i - back] as number;
    written += size;
  }
  return written === length ? out : null;
}
