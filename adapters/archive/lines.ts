import { StringDecoder } from 'node:string_decoder';

/** Lines of text out of pieces of bytes, without their breaks. A last line without a break is one as well. */
export async function* linesOf(source: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  // Pieces of a line that has no end yet: a payload may be long, and adding to one text again and again is slow.
  let begun: string[] = [];
  for await (const piece of source) {
    const parts = (typeof piece === 'string' ? piece : decoder.write(piece)).split('\n');
    const rest = parts.pop() ?? '';
    for (const part of parts) {
      yield begun.join('') + part;
      begun = [];
    }
    if (rest !== '') begun.push(rest);
  }
  const last = begun.join('') + decoder.end();
  if (last !== '') yield last;
}
