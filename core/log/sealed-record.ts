import { hash as digest } from 'node:crypto';
import type { Gap } from './gap.ts';
import { splitLine } from './record.ts';

/** An event that stays where it was, as it is stored. */
export interface Kept {
  readonly seq: number;
  readonly line: string;
}

export type Element = Kept | Gap;

/** A part of a sealed range: takes the place of whole commit groups, under the number of its first event. */
export interface SealedRecord {
  /** First event of the whole range. */
  readonly segment: number;
  readonly elements: readonly Element[];
}

/** No stored event begins with it: those begin with a hash. */
const mark = '~';

export function isKept(element: Element): element is Kept {
  return 'line' in element;
}

export function firstOf(element: Element): number {
  return isKept(element) ? element.seq : element.from;
}

export function lastOf(element: Element): number {
  return isKept(element) ? element.seq : element.to;
}

export function isSealedContent(content: string): boolean {
  return content.startsWith(mark);
}

export function encodeSealedRecord({ segment, elements }: SealedRecord): string {
  const lines = elements.map((element) => (isKept(element) ? element.line : mark + JSON.stringify(element)));
  return [mark + JSON.stringify({ segment }), ...lines].join('\n');
}

/** Null when the content is none, or its elements do not follow one another from `first` on. */
export function parseSealedRecord(content: string, first: number): SealedRecord | null {
  try {
    const [head = '', ...lines] = content.split('\n');
    const { segment } = JSON.parse(head.slice(1)) as { segment: number };
    let seq = first;
    const elements = lines.map((line): Element => {
      const element = line.startsWith(mark) ? (JSON.parse(line.slice(1)) as Gap) : { seq, line };
      const { from, to } = isKept(element) ? { from: seq, to: seq } : element;
      if (from !== seq || !(to >= from)) throw new Error('it does not follow');
      seq = to + 1;
      return element;
    });
    return elements.length > 0 && Number.isSafeInteger(segment) ? { segment, elements } : null;
  } catch {
    return null;
  }
}

const most = { elements: 1_024, bytes: 256 * 1024 };

/** A range cut into records that can be read one by one. */
export function recordsOf(segment: number, elements: readonly Element[]): SealedRecord[] {
  const records: { segment: number; elements: Element[] }[] = [];
  let size = 0;
  for (const element of elements) {
    const current = records.at(-1);
    const bytes = isKept(element) ? element.line.length : 300;
    if (!current || current.elements.length >= most.elements || size + bytes > most.bytes) {
      records.push({ segment, elements: [element] });
      size = bytes;
    } else {
      current.elements.push(element);
      size += bytes;
    }
  }
  return records;
}

/**
 * SHA-256 over the hashes of what was kept and the ends of what was taken out. It is in the log as part of
 * `log.sealed`, so that neither can be changed later, file or no file.
 */
export class Outline {
  #lines: string[] = [];

  kept(seq: number, hash: string): void {
    this.#lines.push(`${seq} ${hash}`);
  }

  gap({ from, to, before, last }: Gap): void {
    this.#lines.push(`${from}-${to} ${before} ${last}`);
  }

  digest(): string {
    return digest('sha256', this.#lines.join('\n'), 'hex');
  }
}

export function outlineOf(elements: readonly Element[]): string {
  const outline = new Outline();
  for (const element of elements) {
    if (isKept(element)) outline.kept(element.seq, splitLine(element.line)?.hash ?? '');
    else outline.gap(element);
  }
  return outline.digest();
}
