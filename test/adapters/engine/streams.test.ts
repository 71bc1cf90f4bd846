import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogFrames } from '../../../adapters/engine/log-frames.ts';
import { LineSplitter } from '../../../adapters/engine/split-lines.ts';
import { TextTail } from '../../../adapters/engine/text-tail.ts';

/** The same bytes, cut at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function frame(stream: number, data: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });
const text = fc.string({ unit: 'grapheme', maxLength: 40 });

describe('lines', () => {
  test('come out whole, wherever the chunks end', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 10 }), cuts, (values, places) => {
        const bytes = Buffer.from(values.map((value) => `{"a":"✓ ${value}"}\r\n`).join(''));
        const lines = new LineSplitter();
        const out = [...cut(bytes, places).flatMap((chunk) => lines.push(chunk)), ...lines.end()];
        expect(out).toEqual(values.map((value) => `{"a":"✓ ${value}"}`));
      }),
    );
  });

  test('the last one needs no line break', () => {
    const lines = new LineSplitter();
    expect(lines.push(Buffer.from('a\n\nb'))).toEqual(['a']);
    expect(lines.end()).toEqual(['b']);
    expect(lines.end()).toEqual([]);
  });
});

describe('log frames', () => {
  test('give the text of both streams in order, wherever the chunks end', () => {
    const pieces = fc.array(fc.record({ stream: fc.constantFrom(1, 2), text }), { maxLength: 8 });
    fc.assert(
      fc.property(pieces, cuts, (all, places) => {
        const bytes = Buffer.concat(all.map((piece) => frame(piece.stream, Buffer.from(piece.text))));
        const frames = new LogFrames();
        const out = cut(bytes, places).map((chunk) => frames.push(chunk));
        expect(out.join('')).toBe(all.map((piece) => piece.text).join(''));
      }),
    );
  });

  test('a character cut between two frames of a stream is put together', () => {
    const bytes = Buffer.from('✓');
    const frames = new LogFrames();
    const out = frames.push(
      Buffer.concat([frame(1, bytes.subarray(0, 1)), frame(2, Buffer.from('e')), frame(1, bytes.subarray(1))]),
    );
    expect(out).toBe('e✓');
  });
});

describe('the tail of a text', () => {
  test('is its end, at most so many bytes, in whole characters', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), fc.integer({ min: 4, max: 60 }), (pieces, limit) => {
        const tail = new TextTail(limit);
        for (const piece of pieces) tail.push(piece);
        const whole = Buffer.from(pieces.join('')).toString();
        const kept = tail.text();
        expect(whole.endsWith(kept)).toBe(true);
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(limit);
        expect(Buffer.byteLength(kept)).toBeGreaterThanOrEqual(Math.min(limit - 3, Buffer.byteLength(whole)));
      }),
    );
  });
});
