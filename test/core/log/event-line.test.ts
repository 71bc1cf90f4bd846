import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportLine, splitExportLine } from '../../../core/log/event-line.ts';
import { decodeLine, encodeEvent, genesisHash, hashedJson } from '../../../core/log/record.ts';
import { newEvent } from '../../new-event.ts';

describe('an event as a line of an export', () => {
  it('keeps the stored bytes, whatever data is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (data, stream) => {
        const { line } = encodeEvent(newEvent(stream, data), 1, genesisHash);
        const read = decodeLine(line, 1);
        if (!read) throw new Error('not read');
        expect(`${read.hash} ${hashedJson(read)}`).toBe(line);
        const parts = splitExportLine(exportLine(read));
        expect(`${parts?.hash} ${parts?.json}`).toBe(line);
        expect(JSON.parse(exportLine(read))).toEqual(read);
      }),
    );
  });

  it.each(['', '{}', '{"seq":1}', `{"hash":"${'a'.repeat(64)}"}x`])('%j is none', (line) => {
    expect(splitExportLine(line)).toBeNull();
  });
});
