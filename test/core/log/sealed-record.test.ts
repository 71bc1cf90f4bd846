import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Gap } from '../../../core/log/gap.ts';
import { chain, genesisHash } from '../../../core/log/record.ts';
import {
  type Element,
  encodeSealedRecord,
  firstOf,
  isSealedContent,
  lastOf,
  outlineOf,
  parseSealedRecord,
  recordsOf,
} from '../../../core/log/sealed-record.ts';
import { packSegment, unpackSegment } from '../../../core/log/segment-file.ts';

const hash = genesisHash.replace(/0/g, 'a');

/** Elements that follow one another from 7 on: a number = a gap of so many events, a text = an event that stayed. */
const parts = fc.array(fc.oneof(fc.integer({ min: 1, max: 500 }), fc.string()), { minLength: 1, maxLength: 40 });

function elementsOf(given: readonly (number | string)[]): Element[] {
  let seq = 7;
  return given.map((part) => {
    const from = seq;
    seq += typeof part === 'number' ? part : 1;
    const gap: Gap = { from, to: seq - 1, before: genesisHash, last: hash, time: '2026-01-01T00:00:00.000Z' };
    return typeof part === 'number' ? gap : { seq: from, line: `${hash} ${JSON.stringify({ text: part })}` };
  });
}

describe('a sealed record', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const record = { segment: 7, elements: elementsOf(given) };
        const content = encodeSealedRecord(record);
        expect(isSealedContent(content)).toBe(true);
        expect(parseSealedRecord(content, 7)).toEqual(record);
        expect(parseSealedRecord(content, 8)?.elements.some((element) => !('line' in element)) ?? false).toBe(false);
      }),
    );
  });

  it('is cut into records that follow one another and hold the same', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const elements = elementsOf(given);
        const records = recordsOf(7, elements);
        expect(records.flatMap((record) => record.elements)).toEqual(elements);
        const ends = records.map((record) => lastOf(record.elements.at(-1) as Element));
        const begins = records.map((record) => firstOf(record.elements[0] as Element));
        expect(begins.slice(1)).toEqual(ends.slice(0, -1).map((end) => end + 1));
      }),
    );
  });

  it.each(['', '~', '~{"segment":7}', `~{"segment":7}\n~{"from":9,"to":9}`, `~{"segment":7}\n~{"from":7,"to":6}`])(
    'is not %j',
    (content) => expect(parseSealedRecord(content, 7)).toBeNull(),
  );

  it('has an outline that tells every hash and every end', () => {
    const [gap, kept] = elementsOf([3, 'stayed']) as [Gap, { seq: number; line: string }];
    const outline = outlineOf([gap, kept]);
    const others: Element[][] = [
      [{ ...gap, last: genesisHash }, kept],
      [{ ...gap, before: hash }, kept],
      [gap, { ...kept, line: kept.line.replace(/^a/, 'b') }],
      [gap],
    ];
    for (const other of others) expect(outlineOf(other)).not.toBe(outline);
  });
});

describe('a segment file', () => {
  it('gives back lines with their hashes, and null when any byte of it is another', async () => {
    const jsons = Array.from({ length: 20 }, (_, i) => JSON.stringify({ seq: 7 + i, text: `ä\n${i}` }));
    let last = hash;
    const lines = jsons.map((json) => {
      last = chain(last, json);
      return `${last} ${json}`;
    });
    const gap: Gap = { from: 7, to: 26, before: hash, last, time: '2026-01-01T00:00:00.000Z' };
    const { bytes } = await packSegment({ from: 7, to: 26 }, [{ gap, jsons }]);
    expect((await unpackSegment(bytes))?.get(7)).toEqual({ gap, lines });
    const damaged = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(damaged, async ([at, mask]) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] as number) ^ mask;
        const found = (await unpackSegment(other))?.get(7);
        // Flags and times in the header of gzip are no content.
        if (found) expect(found.lines).toEqual(lines);
      }),
    );
    expect(await unpackSegment(bytes.subarray(0, bytes.length - 9))).toBeNull();
  });
});
