/** The three doors of the one port. */
export type Surface = 'management' | 'gateway';

const reserved = ['management', 'auth', 'client', 'health', 'metrics'] as const;
const reservedNames: ReadonlySet<string> = new Set(reserved);

/** Which application answers an address; decided on its first segment as it came, without decoding. */
export function surfaceOf(url: string): Surface {
  let end = 1;
  while (end < url.length && url[end] !== '/' && url[end] !== '?' && url[end] !== '#') end += 1;
  return end > 1 && reservedNames.has(url.slice(1, end)) ? 'management' : 'gateway';
}

/** Nothing can be deployed below these: requests would never reach it. Takes a parsed path. */
export function isReservedPath(path: string): boolean {
  const first = path.split('/')[1] ?? '';
  return reservedNames.has(first);
}
