import { contentType, lookup } from 'mime-types';

/** By the end of the file name; unknown ones are offered as a download. */
export function mediaTypeOf(fileName: string): string {
  const type = lookup(fileName);
  return (type && contentType(type)) || 'application/octet-stream';
}
