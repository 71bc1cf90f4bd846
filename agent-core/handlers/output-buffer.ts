/** Collects what a program writes: the first `headLimit` bytes for the result, the last `tailLimit` for error details. */
export class OutputBuffer {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #dropped = 0;

  constructor(headLimit: number, tailLimit: number) {
    this.#headLimit = headLimit;
    this.#tailLimit = tailLimit;
  }

  /** More came than the result may hold. */
  get overflowed(): boolean {
    return this.#size + this.#dropped > this.#headLimit;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const keep = Math.max(this.#headLimit, this.#tailLimit);
    for (let first = this.#chunks[0]; first && this.#size - first.length >= keep; first = this.#chunks[0]) {
      this.#chunks.shift();
      this.#size -= first.length;
      this.#dropped += first.length;
    }
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  tail(): string {
    const all = Buffer.concat(this.#chunks);
    const cut = all.length + this.#dropped > this.#tailLimit;
    const text = all.subarray(-this.#tailLimit).toString('utf8');
    return cut ? `…${text}` : text;
  }
}
