/** Keeps the end of a long text: at most `limit` bytes of UTF-8, beginning with a whole character. */
export class TextTail {
  readonly #limit: number;
  #parts: string[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(text: string): void {
    this.#parts.push(text);
    this.#bytes += Buffer.byteLength(text);
    // Only now and then, so that many small pieces do not copy the whole each time.
    if (this.#bytes > this.#limit * 2) this.#keep(this.text());
  }

  text(): string {
    const bytes = Buffer.from(this.#parts.join(''));
    if (bytes.length <= this.#limit) return bytes.toString();
    let start = bytes.length - this.#limit;
    while (start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
    return bytes.subarray(start).toString();
  }

  #keep(text: string): void {
    this.#parts = [text];
    this.#bytes = Buffer.byteLength(text);
  }
}
