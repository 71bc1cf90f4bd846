import { join } from 'node:path';
import type { Gap, Keyframe } from '../../../core/log/gap.ts';
import { keyframeKey, manifestKey, seqOfGroupKey } from '../../../core/log/keys.ts';
import { unseal } from '../../../core/log/sealed.ts';
import { type Element, isKept, isSealedContent, parseSealedRecord } from '../../../core/log/sealed-record.ts';
import { readSegmentFile } from '../../../core/log/segment-cache.ts';
import type { SegmentLines } from '../../../core/log/segment-file.ts';
import type { StoredSegment } from '../../../core/log/segment-manifest.ts';
import type { StoredFiles } from './stored-files.ts';

/** One event, or events that were deleted by policy. */
export type Item =
  | { readonly from: number; readonly to: number; readonly line: string }
  | { readonly from: number; readonly to: number; readonly gap: Gap; readonly keyframe: Keyframe | null };

/** One value that was found for a place in the log. */
export interface Candidate {
  /** In order; some may be missing between two of them. */
  readonly items: readonly Item[];
  /** The last event that it is about, whether it is among the items or not. */
  readonly last: number;
  /** Its checksum fits: nothing in it was changed since it was stored. */
  readonly whole: boolean;
  /** Set where it begins a range whose file was deleted. */
  readonly deleted: StoredSegment | null;
}

const checksumWidth = 8;

/** The records of events in order, with all values that were found for each. */
export async function* candidates(files: StoredFiles, data: string): AsyncGenerator<readonly Candidate[]> {
  const segments = new Segments(files.others, join(data, 'segments'));
  for await (const { key, values } of files.events()) {
    const first = seqOfGroupKey(key);
    if (!Number.isSafeInteger(first) || first < 1) continue;
    const found: Candidate[] = [];
    for (const value of values) {
      const content = unseal(key, value);
      const sealed = content !== null && isSealedContent(content) ? parseSealedRecord(content, first) : null;
      if (sealed) found.push(await segments.candidate(sealed.segment, sealed.elements, first));
      else found.push(plain(content ?? value.slice(checksumWidth), first, content !== null));
    }
    yield found;
  }
}

function plain(content: string, first: number, whole: boolean): Candidate {
  const items = content.split('\n').map((line, i) => ({ from: first + i, to: first + i, line }));
  return { items, last: first + items.length - 1, whole, deleted: null };
}

/** Sealed events, out of their files. */
class Segments {
  readonly #others: ReadonlyMap<string, string>;
  readonly #folder: string;
  /** Of the segment that was read last. */
  #cached: { readonly from: number; readonly lines: SegmentLines | null } | null = null;

  constructor(others: ReadonlyMap<string, string>, folder: string) {
    this.#others = others;
    this.#folder = folder;
  }

  async candidate(segment: number, elements: readonly Element[], first: number): Promise<Candidate> {
    const manifest = this.#stored<StoredSegment>(manifestKey(segment));
    const items: Item[] = [];
    let last = first - 1;
    for (const element of elements) {
      if (isKept(element)) {
        items.push({ from: element.seq, to: element.seq, line: element.line });
        last = element.seq;
        continue;
      }
      const { from, to } = element;
      last = to;
      if (manifest?.deletion) items.push({ from, to, gap: element, keyframe: this.#stored(keyframeKey(to)) });
      else {
        const lines = manifest ? (await this.#lines(manifest))?.get(from)?.lines : undefined;
        for (const [i, line] of (lines ?? []).entries()) items.push({ from: from + i, to: from + i, line });
      }
    }
    const begins = manifest?.deletion && manifest.from === first;
    return { items, last, whole: true, deleted: begins ? manifest : null };
  }

  #stored<T>(key: string): T | null {
    const content = unseal(key, this.#others.get(key) ?? '');
    return content === null ? null : (JSON.parse(content) as T);
  }

  /** Null for a file that is gone or damaged: its events are lost. */
  async #lines(manifest: StoredSegment): Promise<SegmentLines | null> {
    if (this.#cached?.from !== manifest.from) {
      const lines = await readSegmentFile(join(this.#folder, manifest.file), manifest).catch(() => null);
      this.#cached = { from: manifest.from, lines };
    }
    return this.#cached?.lines ?? null;
  }
}
