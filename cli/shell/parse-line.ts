export type ParsedLine =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'unfinished'; readonly missing: string };

/**
 * Splits a line into words as a shell would, without a shell: '…' takes everything as it is, "…" knows \" and \\,
 * outside of quotes \ takes the next character as it is, and # at the beginning of a word starts a comment.
 * Nothing is ever expanded or run.
 */
export function parseLine(line: string): ParsedLine {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let i = 0; i < line.length; i += 1) {
    const c = line[i] as string;
    const next = line[i + 1];
    if (quote !== undefined) {
      if (c === quote) quote = undefined;
      else if (c === '\\' && quote === '"' && (next === '"' || next === '\\')) {
        word += next;
        i += 1;
      } else word += c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= '';
    } else if (c === '\\') {
      if (next === undefined) return { kind: 'unfinished', missing: 'a character after \\' };
      word = (word ?? '') + next;
      i += 1;
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (c === '#' && word === undefined) break;
    else word = (word ?? '') + c;
  }
  if (quote !== undefined) return { kind: 'unfinished', missing: `the closing ${quote}` };
  if (word !== undefined) words.push(word);
  return { kind: 'words', words };
}

/** A word so that `parseLine` gives it back. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`;
}
