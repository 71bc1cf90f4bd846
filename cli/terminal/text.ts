import colours from 'picocolors';

/** Text that may go to a terminal: what came from outside was made visible on its way in. */
export class Text {
  readonly raw: string;

  /** For this folder only; others use `t`, `block` and the colours. */
  constructor(raw: string) {
    this.raw = raw;
  }
}

export type Piece = string | number | Text;

/** Escape sequences, other control characters, and marks that reverse the writing direction. */
const dangerous = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Shows what a terminal would obey instead of print, in one line. */
export function oneLine(text: string): string {
  return text.replace(dangerous, shown);
}

/** As `oneLine`, but line ends and tabs stay. */
export function lines(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(dangerous, (c) => (c === '\n' || c === '\t' ? c : shown(c)));
}

function shown(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** `t\`… ${value} …\``: values become one visible line each, except those that are Text already. */
export function t(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Text {
  let raw = strings[0] ?? '';
  pieces.forEach((piece, i) => {
    raw += rawOf(piece) + (strings[i + 1] ?? '');
  });
  return new Text(raw);
}

/** Several lines from outside, for example the output of an agent. */
export function block(text: string): Text {
  return new Text(lines(text));
}

export function joinText(parts: readonly Text[], separator = '\n'): Text {
  return new Text(parts.map((part) => part.raw).join(separator));
}

function rawOf(piece: Piece): string {
  if (piece instanceof Text) return piece.raw;
  return typeof piece === 'number' ? String(piece) : oneLine(piece);
}

// Always coloured here; the output takes colour away again where nobody wants it.
const paint = colours.createColors(true);
const painter = (colour: (text: string) => string) => (piece: Piece) => {
  const raw = rawOf(piece);
  return new Text(raw === '' ? '' : colour(raw));
};

export const green = painter(paint.green);
export const red = painter(paint.red);
export const yellow = painter(paint.yellow);
export const dim = painter(paint.dim);
export const bold = painter(paint.bold);
export const cyan = painter(paint.cyan);

export const tick = green('✓');
export const cross = red('✗');
