import { StringDecoder } from 'node:string_decoder';

/** Whole lines out of chunks that end anywhere, even inside a character. Empty lines are left out. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  push(chunk: Buffer): string[] {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  }

  /** What stood after the last line break. */
  end(): string[] {
    const last = (this.#rest + this.#decoder.end()).trim();
    this.#rest = '';
    return last === '' ? [] : [last];
  }
}
