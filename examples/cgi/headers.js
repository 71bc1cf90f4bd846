const longestHead = 16 * 1024;
/** What is between a script and its reader, not part of the answer. */
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer']);

/** Reads what a script prints until the empty line after its headers (RFC 3875, 6). */
export class HeaderReader {
  #bytes = Buffer.alloc(0);

  /** Null until the empty line came; then status, headers and the body as far as it is there, or a problem. */
  read(part) {
    this.#bytes = Buffer.concat([this.#bytes, part]);
    // Byte for byte, so that places in the text are places in the bytes.
    const match = /\r?\n\r?\n/.exec(this.#bytes.toString('latin1'));
    if (!match) return this.#bytes.length > longestHead ? { problem: 'The headers of the script do not end.' } : null;
    const head = this.#bytes.subarray(0, match.index).toString('utf8');
    return headOf(head.split(/\r?\n/), this.#bytes.subarray(match.index + match[0].length));
  }
}

function headOf(lines, body) {
  const headers = {};
  let status = null;
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined)
      return { problem: `The script printed ${JSON.stringify(line.slice(0, 80))} in place of a header.` };
    const key = name.toLowerCase();
    if (key === 'status') status = Number.parseInt(value, 10);
    else if (!hopByHop.has(key)) headers[key] = [...(headers[key] ?? []), value];
  }
  status ??= headers.location ? 302 : 200;
  if (!(status >= 200 && status <= 599)) return { problem: 'The script printed a Status that is none.' };
  return { status, headers, body };
}
