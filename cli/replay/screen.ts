import type { Readable } from 'node:stream';
import stringWidth from 'string-width';
import { type Sink, wantsColour } from '../terminal/output.ts';
import { bold, cyan, dim, oneLine, red, type Text, yellow } from '../terminal/text.ts';
import type { Line, Size } from './view.ts';

/** What somebody pressed. */
export type Key = 'toggle' | 'forward' | 'back' | 'faster' | 'slower' | 'quit' | 'interrupt';
export type Happening = Key | 'time' | 'resize';

type Input = Readable & { readonly isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
type Display = Sink & {
  readonly rows?: number | undefined;
  on?: (event: 'resize', listener: () => void) => unknown;
  off?: (event: 'resize', listener: () => void) => unknown;
};

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';

/** A terminal that is taken over for a while and given back as it was, whatever happens. */
export class Screen {
  readonly #input: Input;
  readonly #display: Display;
  readonly #colour: boolean;
  readonly #signal: AbortSignal;
  readonly #waiting: Happening[] = [];
  #wake: (() => void) | null = null;
  #open = false;
  #drawn = '';

  constructor(input: Readable, display: Sink, env: Readonly<Record<string, string | undefined>>, signal: AbortSignal) {
    this.#input = input;
    this.#display = display;
    this.#colour = wantsColour(display, env);
    this.#signal = signal;
  }

  get size(): Size {
    return { columns: this.#display.columns || 80, rows: this.#display.rows || 24 };
  }

  open(): void {
    this.#open = true;
    process.once('exit', this.#close);
    this.#input.setRawMode?.(true);
    this.#input.on('data', this.#onData).once('end', this.#onEnd).resume();
    this.#display.on?.('resize', this.#onResize);
    this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#display.write(enter);
  }

  /** Safe to call twice. */
  close(): void {
    this.#close();
  }

  /** Writes over what is there, so that nothing flickers; nothing where nothing changed. */
  draw(lines: readonly Line[]): void {
    const { columns, rows } = this.size;
    const text = lines
      .slice(0, rows)
      .map((line) => `${this.#painted(line, columns)}\u001b[K`)
      .join('\r\n');
    if (text === this.#drawn) return;
    this.#drawn = text;
    this.#display.write(`\u001b[H${text}\u001b[J`);
  }

  /** The next thing that happens; `time` after so many milliseconds. @throws the reason of the signal */
  async next(afterMs: number | undefined): Promise<Happening> {
    if (this.#waiting.length === 0 && !this.#signal.aborted) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (afterMs !== undefined) timer = setTimeout(resolve, afterMs);
      });
      clearTimeout(timer);
      this.#wake = null;
    }
    this.#signal.throwIfAborted();
    return this.#waiting.shift() ?? 'time';
  }

  #painted({ text, look }: Line, columns: number): string {
    const plain = cut(oneLine(text), columns);
    if (!this.#colour || look === undefined) return plain;
    return paint[look](plain).raw;
  }

  readonly #close = (): void => {
    if (!this.#open) return;
    this.#open = false;
    process.off('exit', this.#close);
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#display.off?.('resize', this.#onResize);
    this.#input.off('data', this.#onData).off('end', this.#onEnd).pause();
    this.#input.setRawMode?.(false);
    this.#display.write(leave);
  };

  readonly #onData = (data: Buffer | string): void => {
    for (const key of keysOf(data.toString())) this.#tell(key);
  };

  readonly #onEnd = (): void => this.#tell('quit');

  readonly #onResize = (): void => {
    this.#drawn = '';
    this.#tell('resize');
  };

  readonly #onAbort = (): void => this.#wake?.();

  #tell(happening: Happening): void {
    this.#waiting.push(happening);
    this.#wake?.();
  }
}

const paint: Readonly<Record<NonNullable<Line['look']>, (text: string) => Text>> = {
  title: bold,
  quiet: dim,
  present: cyan,
  changed: yellow,
  bad: red,
};

const keyNames: Readonly<Record<string, Key>> = {
  ' ': 'toggle',
  '\u001b[C': 'forward',
  '\u001bOC': 'forward',
  '\u001b[D': 'back',
  '\u001bOD': 'back',
  l: 'forward',
  h: 'back',
  '+': 'faster',
  '=': 'faster',
  '-': 'slower',
  q: 'quit',
  Q: 'quit',
  '\u0003': 'interrupt',
  '\u0004': 'quit',
};

/** Several keys may come at once; unknown ones are passed over. */
export function keysOf(data: string): Key[] {
  const pieces = data.match(/\u001b[[O][0-9;]*[A-Za-z~]|[\s\S]/gu) ?? [];
  return pieces.flatMap((piece) => keyNames[piece] ?? []);
}

/** As much of a line as fits, with a mark where something was left away. */
export function cut(text: string, columns: number): string {
  if (text.length <= columns && /^[\x20-\x7e]*$/.test(text)) return text;
  if (stringWidth(text) <= columns) return text;
  let width = 1;
  let kept = '';
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    width += stringWidth(segment);
    if (width > columns) break;
    kept += segment;
  }
  return `${kept}…`;
}
