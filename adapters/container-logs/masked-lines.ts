import type { OutputLine, OutputStream } from '../engine/output-line.ts';
import type { Redact } from '../secrets/redact.ts';

/** So many borders are tried one character further each, then in strides. */
const nearBorders = 128;
const stride = 97;

/**
 * Takes secrets out of lines that come in pieces. A value that lies across the border of two pieces is moved into the
 * first of them as a whole before either is let go.
 */
export class MaskedLines {
  readonly #redact: Redact;
  readonly #reach: number;
  readonly #waiting = new Map<OutputStream, OutputLine[]>();

  constructor(redact: Redact) {
    this.#redact = redact;
    this.#reach = redact.longest ?? 0;
  }

  /** @returns what can be stored now; pieces of a long line wait until what follows them is known */
  push(line: OutputLine): OutputLine[] {
    if (this.#reach === 0) return [this.#masked(line, line.text)];
    const waiting = this.#waiting.get(line.stream) ?? [];
    if (line.dropped) return [...this.flush(line.stream), line];
    if (waiting.length === 0 && !line.more) return [this.#masked(line, line.text)];
    waiting.push(line);
    this.#waiting.set(line.stream, waiting);
    if (!line.more) return this.flush(line.stream);
    const behind = waiting.slice(1).reduce((sum, { text }) => sum + text.length, 0);
    return behind < this.#reach ? [] : [this.#first(waiting)];
  }

  /** What waits although its line may go on. */
  flush(stream: OutputStream): OutputLine[] {
    const waiting = this.#waiting.get(stream) ?? [];
    this.#waiting.delete(stream);
    const lines: OutputLine[] = [];
    while (waiting.length > 0) lines.push(this.#first(waiting));
    return lines;
  }

  /** Takes the first piece out, with what of the next ones belongs to a value that begins in it. */
  #first(waiting: OutputLine[]): OutputLine {
    const head = waiting.shift() as OutputLine;
    const next = waiting[0];
    if (next === undefined) return this.#masked(head, head.text);
    const taken = this.#border(
      head.text,
      waiting
        .map(({ text }) => text)
        .join('')
        .slice(0, 2 * this.#reach),
    );
    if (taken === null) {
      // No border is clean: both are one piece, however long.
      waiting[0] = { ...next, text: head.text + next.text };
      return this.#first(waiting);
    }
    let left = taken;
    let text = head.text;
    let mark: OutputLine = head;
    while (left > 0 && waiting[0] !== undefined) {
      const piece = waiting[0];
      const part = piece.text.slice(0, left);
      text += part;
      left -= part.length;
      if (part.length < piece.text.length) waiting[0] = { ...piece, text: piece.text.slice(part.length) };
      else mark = waiting.shift() as OutputLine;
    }
    return this.#masked(mark, text);
  }

  /** How many characters of what follows belong to the first piece; null when it is not to be found. */
  #border(head: string, tail: string): number | null {
    const near = head.slice(-Math.max(this.#reach, 1));
    const masked = (text: string) => (text === '' ? '' : this.#redact(text));
    const whole = masked(near + tail);
    for (let at = 0; at <= tail.length; at += at < nearBorders ? 1 : stride) {
      if (
        isCharacterBorder(near + tail, near.length + at) &&
        masked(near + tail.slice(0, at)) + masked(tail.slice(at)) === whole
      ) {
        return at;
      }
    }
    return null;
  }

  #masked(line: OutputLine, text: string): OutputLine {
    return text === '' ? { ...line, text } : { ...line, text: this.#redact(text) };
  }
}

function isCharacterBorder(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return !(code >= 0xdc00 && code <= 0xdfff);
}
