import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkedBody } from '../../../../adapters/http/pass-through/chunked-body.ts';
import { MalformedAnswer } from '../../../../adapters/http/pass-through/response-head.ts';

/** Everything that came of these pieces. */
function read(pieces: readonly Buffer[]) {
  const data: Buffer[] = [];
  let ended: { trailers: [string, string][]; rest: Buffer } | null = null;
  const body = new ChunkedBody({
    data: (bytes) => data.push(bytes),
    end: (trailers, rest) => {
      ended = { trailers, rest };
    },
  });
  for (const piece of pieces) {
    if (ended === null) body.push(piece);
    else (ended as { rest: Buffer }).rest = Buffer.concat([(ended as { rest: Buffer }).rest, piece]);
  }
  return {
    text: Buffer.concat(data).toString('latin1'),
    ended: ended as { trailers: [string, string][]; rest: Buffer } | null,
  };
}

/** Cut at these places, taken modulo what there is. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

describe('a body in chunks', () => {
  it('is the same wherever its bytes are cut apart', () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(chunk), fc.array(fc.nat(), { maxLength: 20 }), fc.boolean(), (chunks, places, trails) => {
        const sent = Buffer.concat([
          ...chunks.flatMap((bytes) => [
            Buffer.from(`${bytes.length.toString(16)};ext="1"\r\n`),
            bytes,
            Buffer.from('\r\n'),
          ]),
          Buffer.from(`0\r\n${trails ? 'X-Sum: 1\r\n' : ''}\r\nafter`),
        ]);
        const { text, ended } = read(cut(sent, places));
        expect(text).toBe(Buffer.concat(chunks).toString('latin1'));
        expect(ended?.trailers).toEqual(trails ? [['X-Sum', '1']] : []);
        expect(ended?.rest.toString()).toBe('after');
      }),
    );
  });

  it('is taken or refused, and nothing else happens, whatever bytes come', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (pieces) => {
        try {
          read(pieces.map((bytes) => Buffer.from(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedAnswer);
        }
      }),
    );
  });

  it.each([
    ['no size', '\r\n'],
    ['a sign', '+3\r\nabc\r\n'],
    ['0x', '0x3\r\nabc\r\n'],
    ['a bare LF', '3\nabc\r\n'],
    ['more than it says', '3\r\nabcd\r\n'],
    ['a size beyond counting', 'fffffffffffff\r\n'],
    ['a line without end', '3;'.padEnd(2_000, 'x')],
    ['trailers without end', `0\r\n${'X: 1\r\n'.repeat(5_000)}`],
  ])('with %s is refused', (_name, text) => {
    expect(() => read([Buffer.from(text)])).toThrow(MalformedAnswer);
  });
});
