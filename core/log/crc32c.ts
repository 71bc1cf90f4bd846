/** CRC-32C (Castagnoli), which LevelDB puts behind each block; zlib's crc32 is another polynomial. */
const table = new Int32Array(256).map((_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1;
  return rest;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = crcBegin;
  for (let at = 0; at < bytes.length; at += 1) crc = crcNext(crc, bytes[at] as number);
  return (crc ^ -1) >>> 0;
}

/** For a checksum that grows byte by byte: before the first one. */
export const crcBegin = -1;

/** With one byte more. */
export function crcNext(crc: number, byte: number): number {
  return (table[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
}

/** As LevelDB stores it: a checksum of data that holds checksums would be weak. */
export function maskedCrc32c(bytes: Uint8Array): number {
  return masked((crc32c(bytes) ^ -1) | 0);
}

/** What LevelDB stores for a checksum that grew until here. */
export function masked(crc: number): number {
  const whole = (crc ^ -1) >>> 0;
  return (((whole >>> 15) | (whole << 17)) + 0xa282ead8) >>> 0;
}
