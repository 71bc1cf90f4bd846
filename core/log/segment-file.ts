import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Gap } from './gap.ts';
import { chain } from './record.ts';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

const currentFormat = 1;

/** The first line of a segment file; the JSON of each event follows, one a line, in order. */
interface Header {
  readonly format: number;
  readonly from: number;
  readonly to: number;
  readonly gaps: readonly Gap[];
}

/** What a segment file holds, as it was stored before: for each gap its lines. */
export type SegmentLines = ReadonlyMap<number, { readonly gap: Gap; readonly lines: readonly string[] }>;

/**
 * Hashes are left out: each follows from the one before it and the event's bytes, and a third of what remains after
 * compression would be hashes.
 */
export async function packSegment(
  range: { readonly from: number; readonly to: number },
  taken: readonly { readonly gap: Gap; readonly jsons: readonly string[] }[],
): Promise<{ readonly bytes: Buffer; readonly rawBytes: number }> {
  const header: Header = { format: currentFormat, from: range.from, to: range.to, gaps: taken.map(({ gap }) => gap) };
  const lines = [JSON.stringify(header), ...taken.flatMap(({ jsons }) => jsons), ''];
  const raw = Buffer.from(lines.join('\n'));
  return { bytes: await pack(raw, { level: 6 }), rawBytes: raw.length };
}

/** The way back; each gap is found by the number of its first event. Null when chain or form do not fit. */
export async function unpackSegment(bytes: Buffer): Promise<SegmentLines | null> {
  try {
    const text = (await unpack(bytes)).toString('utf8');
    const [head = '', ...jsons] = text.split('\n');
    const { format, gaps } = JSON.parse(head) as Header;
    if (format !== currentFormat) return null;
    let at = 0;
    const segment = new Map<number, { gap: Gap; lines: string[] }>();
    for (const gap of gaps) {
      let hash = gap.before;
      const lines: string[] = [];
      for (let seq = gap.from; seq <= gap.to; seq += 1) {
        const json = jsons[at] ?? '';
        at += 1;
        hash = chain(hash, json);
        lines.push(`${hash} ${json}`);
      }
      if (hash !== gap.last) return null;
      segment.set(gap.from, { gap, lines });
    }
    return segment;
  } catch {
    return null;
  }
}
