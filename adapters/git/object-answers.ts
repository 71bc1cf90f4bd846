/** What `git cat-file --batch` says of one name. */
export interface GitObject {
  readonly hash: string;
  readonly type: 'blob' | 'tree' | 'commit' | 'tag';
  /** Bytes. */
  readonly size: number;
  /** Null where it is larger than was asked for. */
  readonly content: Buffer | null;
}

const header = /^([0-9a-f]{40}) (blob|tree|commit|tag) (\d+)$/;

/**
 * Takes the output of `git cat-file --batch` apart, however it comes in pieces. The head of an object is told before its
 * content is here, so that nobody has to hold what is too large.
 */
export class ObjectAnswers {
  #pieces: Buffer[] = [];
  #length = 0;
  #head: Omit<GitObject, 'content'> | null = null;

  push(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  /**
   * The next answer.
   * @param limit bytes of content
   * @returns null for a name that stands for nothing; undefined while the answer is not whole. After one without content
   *   nothing more can be read.
   */
  next(limit: number): GitObject | null | undefined {
    if (this.#head === null) {
      const line = this.#takeLine();
      if (line === undefined) return undefined;
      const [, hash, type, size] = header.exec(line) ?? [];
      if (hash === undefined) return null;
      this.#head = { hash, type: type as GitObject['type'], size: Number(size) };
    }
    const head = this.#head;
    if (head.size > limit) return { ...head, content: null };
    if (this.#length < head.size + 1) return undefined;
    this.#head = null;
    const whole = this.#take(head.size + 1);
    return { ...head, content: whole.subarray(0, head.size) };
  }

  #takeLine(): string | undefined {
    const end = this.#whole().indexOf(0x0a);
    return end < 0 ? undefined : this.#take(end + 1).toString('latin1', 0, end);
  }

  #take(length: number): Buffer {
    const whole = this.#whole();
    this.#pieces = [whole.subarray(length)];
    this.#length -= length;
    return whole.subarray(0, length);
  }

  #whole(): Buffer {
    const [first, ...more] = this.#pieces;
    const whole = first === undefined || more.length > 0 ? Buffer.concat(this.#pieces) : first;
    this.#pieces = [whole];
    return whole;
  }
}
