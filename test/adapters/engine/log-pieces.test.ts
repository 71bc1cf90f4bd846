import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogPieces } from '../../../adapters/engine/log-pieces.ts';
import type { OutputLine } from '../../../adapters/engine/output-line.ts';
import { outputTimeOf } from '../../../adapters/engine/output-time.ts';
import { splitText } from '../../../adapters/engine/split-text.ts';

function frame(stream: 1 | 2, time: string, text: string | Buffer): Buffer {
  const payload = Buffer.concat([Buffer.from(`${time} `), Buffer.from(text)]);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

const at = (n: number) => `2026-11-21T10:00:0${n}.000000000Z`;

function read(bytes: Buffer, cut: number, after: readonly OutputLine[] = []): OutputLine[] {
  const pieces = new LogPieces(after);
  const lines: OutputLine[] = [];
  for (let start = 0; start < bytes.length; start += cut)
    lines.push(...pieces.push(bytes.subarray(start, start + cut)));
  return lines;
}

describe('the frames of an engine’s log', () => {
  it('are lines, wherever the chunks end', () => {
    const bytes = Buffer.concat([frame(1, at(1), 'one ✓\n'), frame(2, at(1), 'two\r\n'), frame(1, at(2), '\n')]);
    for (const cut of [1, 2, 7, 8, 9, 1000]) {
      expect(read(bytes, cut)).toMatchObject([
        { stream: 'stdout', time: at(1), n: 0, text: 'one ✓', more: false },
        { stream: 'stderr', time: at(1), n: 0, text: 'two' },
        { stream: 'stdout', time: at(2), n: 0, text: '' },
      ]);
    }
  });

  it('make one character of one that the engine cut', () => {
    const tick = Buffer.from('✓');
    const bytes = Buffer.concat([
      frame(1, at(1), tick.subarray(0, 1)),
      frame(1, at(1), Buffer.concat([tick.subarray(1), Buffer.from('\n')])),
    ]);
    const lines = read(bytes, 1000);
    expect(lines.map(({ more }) => more)).toEqual([true, false]);
    expect(lines.map(({ text }) => text).join('')).toBe('✓');
  });

  it('go on behind any line that was stored, also with many in one moment', () => {
    const frames = fc.array(
      fc.record({ stream: fc.constantFrom(1 as const, 2 as const), step: fc.constantFrom(0, 0, 0, 1) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(frames, fc.nat(30), (given, upTo) => {
        let second = 0;
        const bytes = Buffer.concat(
          given.map(({ stream, step }, i) => {
            second = Math.min(9, second + step);
            return frame(stream, at(second), `line ${i}\n`);
          }),
        );
        const all = read(bytes, 64);
        const stored = all.slice(0, upTo);
        const last = new Map(stored.map((line) => [line.stream, line]));
        // An engine tells again more than what was asked for, never less.
        expect([...stored, ...read(bytes, 50, [...last.values()])].map(({ text }) => text)).toEqual(
          all.map(({ text }) => text),
        );
      }),
    );
  });

  it('have their times in whatever zone', () => {
    expect(outputTimeOf('2026-11-21T10:00:00.5Z')).toBe('2026-11-21T10:00:00.500000000Z');
    expect(outputTimeOf('2026-11-21T10:00:00+02:00')).toBe('2026-11-21T08:00:00.000000000Z');
    expect(outputTimeOf('2026-11-21T10:00:00.123456789-00:30')).toBe('2026-11-21T10:30:00.123456789Z');
    expect(outputTimeOf('panic:')).toBeNull();
  });
});

describe('a long text', () => {
  it('is cut between characters, and no piece is longer than allowed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 4, max: 40 }), (text, limit) => {
        const pieces = splitText(text, limit);
        expect(pieces.join('')).toBe(Buffer.from(text).toString());
        for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(limit);
      }),
    );
  });
});
