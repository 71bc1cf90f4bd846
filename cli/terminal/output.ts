import { stripVTControlCharacters } from 'node:util';
import type { Text } from './text.ts';

export interface Sink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Data goes to stdout, as text for people or JSON for programs; everything else goes to stderr. */
export class Output {
  readonly json: boolean;
  readonly #stdout: Sink;
  readonly #stderr: Sink;
  readonly #env: Readonly<Record<string, string | undefined>>;

  constructor(stdout: Sink, stderr: Sink, env: Readonly<Record<string, string | undefined>>, json: boolean) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#env = env;
    this.json = json;
  }

  /** The result of a command: one JSON document with --json, else the text. */
  result(value: unknown, human: () => Text): void {
    if (this.json) this.#stdout.write(`${jsonText(value, 2)}\n`);
    else this.print(human());
  }

  /** One line on stdout in either form; for streams such as `history`. */
  record(value: unknown, human: () => Text): void {
    if (this.json) this.#stdout.write(`${jsonText(value)}\n`);
    else this.print(human());
  }

  print(text: Text): void {
    this.#stdout.write(`${this.#painted(text, this.#stdout)}\n`);
  }

  /** For people who wait or wonder: to stderr. With --json nothing: stderr holds JSON objects or nothing, an error last. */
  note(text: Text): void {
    if (!this.json) this.trace(text);
  }

  /** For programs that follow something long: one JSON object a line on stderr. People get it in other forms. */
  progress(value: unknown): void {
    if (this.json) this.#stderr.write(`${jsonText(value)}\n`);
  }

  /** What --debug asked for: to stderr, in both forms. */
  trace(text: Text): void {
    this.#stderr.write(`${this.#painted(text, this.#stderr)}\n`);
  }

  /** Shown only where a person looks at stderr; overwritten by the next call or cleared by `undefined`. */
  status(text: Text | undefined): void {
    if (!this.live) return;
    this.#stderr.write(`\r\u001b[2K${text ? this.#painted(text, this.#stderr) : ''}`);
  }

  /** Columns of the screen that stdout goes to, or as COLUMNS says; undefined where no person looks: nothing is cut for programs. */
  get columns(): number | undefined {
    if (this.#stdout.isTTY !== true) return undefined;
    const said = this.#env.COLUMNS ?? '';
    if (/^[1-9]\d{0,4}$/.test(said)) return Number(said);
    return this.#stdout.columns || undefined;
  }

  /** Does a person look at stderr, where a line can be rewritten? */
  get live(): boolean {
    return !this.json && this.#stderr.isTTY === true && this.#env.TERM !== 'dumb' && !this.#env.CI;
  }

  /** An error for programs, in one line on stderr, so that stdout holds data or nothing. */
  problem(value: unknown): void {
    this.#stderr.write(`${jsonText(value)}\n`);
  }

  #painted(text: Text, sink: Sink): string {
    return wantsColour(sink, this.#env) ? text.raw : stripVTControlCharacters(text.raw);
  }
}

/** https://no-color.org: any value that is not empty says no. */
export function wantsColour(sink: Sink, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true;
  return sink.isTTY === true && env.TERM !== 'dumb';
}

/** JSON that a terminal prints and does not obey: the controls that JSON.stringify lets through are escaped. */
export function jsonText(value: unknown, indent = 0): string {
  return (JSON.stringify(value, null, indent) ?? 'null').replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
