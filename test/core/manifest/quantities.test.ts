import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryLimits, parseCpu, parseMemory } from '../../../core/manifest/quantities.ts';

const mebibyte = 1024 * 1024;

describe('memory', () => {
  it.each([
    ['256m', 256 * mebibyte],
    ['256M', 256 * mebibyte],
    ['256Mi', 256 * mebibyte],
    ['256MiB', 256 * mebibyte],
    ['256mb', 256 * mebibyte],
    ['1.5g', 1536 * mebibyte],
    ['1Gi', 1024 * mebibyte],
    ['8192k', 8 * mebibyte],
    ['67108864', 64 * mebibyte],
    [67108864, 64 * mebibyte],
  ])('%j', (value, bytes) => {
    expect(parseMemory(value)).toBe(bytes);
  });

  it.each(['', 'm', '-1', '1e9', 'NaN', '256 q', '1m', '99999999999t', '0x100m', 0, -5, 1024])(
    'refuses %j',
    (value) => {
      expect(parseMemory(value)).toBeNull();
    },
  );

  it('is a whole number of bytes within the limits, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.double(), fc.string(), fc.stringMatching(/^\d{1,12}(\.\d)?[kmgtKMGT]?i?[bB]?$/)),
        (value) => {
          const bytes = parseMemory(value);
          if (bytes === null) return;
          expect(Number.isSafeInteger(bytes)).toBe(true);
          expect(bytes).toBeGreaterThanOrEqual(memoryLimits.minimum);
          expect(bytes).toBeLessThanOrEqual(memoryLimits.maximum);
        },
      ),
    );
  });
});

describe('cpu', () => {
  it.each([
    [0.5, 0.5],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['500m', 0.5],
    ['1', 1],
    [2, 2],
    ['10m', 0.01],
  ])('%j', (value, cpus) => {
    expect(parseCpu(value)).toBe(cpus);
  });

  it.each(['', 'm', '-1', 0, '0', '1e3', 'two', '5000', 0.001])('refuses %j', (value) => {
    expect(parseCpu(value)).toBeNull();
  });
});
