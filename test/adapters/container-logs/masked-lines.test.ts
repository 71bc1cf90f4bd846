import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MaskedLines } from '../../../adapters/container-logs/masked-lines.ts';
import type { OutputLine } from '../../../adapters/engine/output-line.ts';
import { redactor } from '../../../adapters/secrets/redact.ts';

const value = 'the-secret-value-42';
const redact = redactor([{ name: 'PASSWORD', value }]);

function pieces(...texts: readonly string[]): OutputLine[] {
  return texts.map((text, n) => {
    return {
      stream: 'stdout',
      time: '2026-11-21T10:00:00.000000000Z',
      n,
      text,
      more: n < texts.length - 1,
      dropped: null,
    };
  });
}

function stored(lines: readonly OutputLine[]): OutputLine[] {
  const masked = new MaskedLines(redact);
  return [...lines.flatMap((line) => masked.push(line)), ...masked.flush('stdout')];
}

describe('lines without secrets', () => {
  it('hides a value that lies across the border of two pieces', () => {
    const found = stored(pieces(`begin ${value.slice(0, 4)}`, `${value.slice(4)} end`));
    expect(found.map(({ text }) => text)).toEqual(['begin [secret PASSWORD]', ' end']);
    expect(found.map(({ n, more }) => [n, more])).toEqual([
      [0, true],
      [1, false],
    ]);
  });

  it('hides a value in many short pieces', () => {
    const found = stored(pieces(...`a${value}b`));
    expect(found.map(({ text }) => text).join('')).toBe('a[secret PASSWORD]b');
  });

  it('lets a line of one piece go at once, and the first of a long one when enough follows', () => {
    const masked = new MaskedLines(redact);
    const [alone] = pieces('plain');
    expect(masked.push(alone as OutputLine)).toHaveLength(1);
    const [first, second, third] = pieces('x'.repeat(100), 'y'.repeat(100), 'z');
    expect(masked.push(first as OutputLine)).toEqual([]);
    expect(masked.push(second as OutputLine)).toMatchObject([{ text: 'x'.repeat(100), n: 0 }]);
    expect(masked.push(third as OutputLine)).toMatchObject([{ text: 'y'.repeat(100) }, { text: 'z' }]);
  });

  it('keeps the two streams apart', () => {
    const masked = new MaskedLines(redact);
    const [out] = pieces(`a ${value.slice(0, 6)}`, '');
    const [err] = pieces('of another stream');
    expect(masked.push(out as OutputLine)).toEqual([]);
    expect(masked.push({ ...(err as OutputLine), stream: 'stderr' })).toMatchObject([{ text: 'of another stream' }]);
  });

  it('never shows a value, wherever it is cut, and changes nothing else', () => {
    const word = fc.oneof(
      fc.constantFrom(value, value.slice(0, 9), value.slice(9), '✓', 'ab'),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.array(fc.nat(200), { maxLength: 6 }), (words, cuts) => {
        const text = words.join('');
        const places = [...new Set(cuts.map((cut) => Math.min(cut, text.length)))].sort((a, b) => a - b);
        const parts = [0, ...places].map((from, i) => text.slice(from, places[i] ?? text.length));
        const found = stored(pieces(...parts)).map((line) => line.text);
        expect(found.join('')).not.toContain(value);
        expect(found.join('')).toBe(redact(text));
      }),
      { numRuns: 300 },
    );
  });
});
