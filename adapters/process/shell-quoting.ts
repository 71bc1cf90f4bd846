/** How a POSIX shell reads a place in a program text; `braced` is within `"${…}"`. */
export type Quoting = 'none' | 'single' | 'double' | 'braced';

interface Frame {
  readonly kind: 'plain' | 'double';
  /** What ends it, where it is not the closing quote. */
  readonly end: ')' | '}' | '`' | null;
}

/**
 * The quoting at every position of a program text. Follows quotes, escapes, comments and substitutions in each other;
 * here-documents and the patterns of `case` are read as plain text.
 */
export function quotingIn(text: string): readonly Quoting[] {
  const found: Quoting[] = [];
  const frames: Frame[] = [];
  let i = 0;
  const take = (quoting: Quoting, count = 1) => {
    for (let k = 0; k < count && i < text.length; k += 1, i += 1) found.push(quoting);
  };
  while (i < text.length) {
    const { kind, end }: Frame = frames.at(-1) ?? { kind: 'plain', end: null };
    const quoting = kind === 'plain' ? 'none' : end === '}' ? 'braced' : 'double';
    const c = text[i] ?? '';
    if (c === '\\') take(quoting, 2);
    else if (c === end && frames.length > 0) {
      frames.pop();
      take(quoting);
    } else if (c === '`') {
      frames.push({ kind: 'plain', end: '`' });
      take(quoting);
    } else if (c === '$' && text[i + 1] === '(') {
      frames.push({ kind: 'plain', end: ')' });
      take(quoting, 2);
    } else if (c === '$' && text[i + 1] === '{') {
      frames.push({ kind, end: '}' });
      take(quoting, 2);
    } else if (c === '"') {
      if (kind === 'double' && end === null) frames.pop();
      else frames.push({ kind: 'double', end: null });
      take(quoting);
    } else if (kind === 'plain' && c === "'") {
      const close = text.indexOf("'", i + 1);
      take('single', (close === -1 ? text.length : close + 1) - i);
    } else if (kind === 'plain' && c === '(') {
      frames.push({ kind: 'plain', end: ')' });
      take(quoting);
    } else if (kind === 'plain' && c === '#' && /^$|[\s;&|(]/.test(text[i - 1] ?? '')) {
      const line = text.indexOf('\n', i);
      take(quoting, (line === -1 ? text.length : line) - i);
    } else take(quoting);
  }
  return found;
}

/** The text as one piece of a word, wherever it is put. */
export function quoteFor(quoting: Quoting, text: string): string {
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(text)) return text;
  if (quoting === 'double') return text.replace(/["$`\\]/g, '\\$&');
  if (quoting === 'braced') return text.replace(/["$`\\}]/g, '\\$&');
  const inside = text.replaceAll("'", "'\\''");
  return quoting === 'single' ? inside : `'${inside}'`;
}
