/** What comes over a connection to a web service, request by request, as far as simulated people ask. */
export interface HeardRequest {
  readonly head: string;
  readonly body: string;
}

/** Takes whole requests out of a text; what is left of it stays. */
export class HeardRequests {
  #text = '';

  hear(more: string): HeardRequest[] {
    this.#text += more;
    const heard: HeardRequest[] = [];
    for (let next = this.#next(); next !== null; next = this.#next()) heard.push(next);
    return heard;
  }

  #next(): HeardRequest | null {
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const head = this.#text.slice(0, end);
    const after = end + 4;
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    const found = /^transfer-encoding: chunked$/im.test(head)
      ? chunksOf(this.#text, after)
      : this.#text.length < after + length
        ? null
        : { body: this.#text.slice(after, after + length), end: after + length };
    if (found === null) return null;
    this.#text = this.#text.slice(found.end);
    return { head, body: found.body };
  }
}

/** A body in chunks; null when its end has not come. */
function chunksOf(text: string, from: number): { body: string; end: number } | null {
  let body = '';
  for (let at = from; ; ) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return null;
    const size = Number.parseInt(text.slice(at, line), 16);
    if (text.length < line + 2 + size + 2) return null;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
    if (size === 0) return { body, end: at };
  }
}
