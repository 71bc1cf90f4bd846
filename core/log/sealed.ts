import { crc32 } from 'node:zlib';

const width = 8;

/**
 * A value with a checksum of itself and of its key in front. LevelDB does not check its blocks on ordinary reads, so
 * that a flipped bit would come back as a value like any other. The hash chain shows that too, but costs ten times
 * as much and belongs to a full check; this costs little enough for every read.
 */
export function seal(key: string, content: string): string {
  return checksum(key, content) + content;
}

/** The content, or null when key and value are not what was sealed. */
export function unseal(key: string, value: string): string | null {
  const content = value.slice(width);
  return value.slice(0, width) === checksum(key, content) ? content : null;
}

function checksum(key: string, content: string): string {
  return crc32(content, crc32(key)).toString(16).padStart(width, '0');
}
