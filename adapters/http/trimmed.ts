/**
 * What follows `from`, without blanks at its ends, as HTTP wants values of headers read. Each character is looked at once: an
 * expression such as `[ \t]+$` looks again and again at a run of blanks in the middle, which keeps a server busy for seconds.
 */
export function trimmed(text: string, from = 0): string {
  let start = from;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
