/** Pieces of at most `limit` bytes of UTF-8, none of which begins or ends inside a character. At least one. */
export function splitText(text: string, limit: number): string[] {
  // No text has more bytes than three for each of its units.
  if (text.length * 3 <= limit || Buffer.byteLength(text) <= limit) return [text];
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = pieceEnd(bytes, start, limit);
    pieces.push(bytes.subarray(start, end).toString());
    start = end;
  }
  return pieces;
}

/** Where a piece that begins at `start` ends: before a character that would not fit as a whole. */
export function pieceEnd(bytes: Buffer, start: number, limit: number): number {
  const end = Math.min(start + limit, bytes.length);
  if (end === bytes.length) return end;
  // A character has four bytes at most; more that look like the middle of one are no UTF-8 and may be cut.
  for (let at = end; at > end - 4 && at > start; at -= 1) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  return end;
}
