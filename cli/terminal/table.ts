import { stripVTControlCharacters } from 'node:util';
import { joinText, type Piece, Text, t } from './text.ts';

export interface TableStyle {
  /** Before every row. Default two spaces. */
  readonly indent?: string;
  /** Columns (from 0) whose text stands at the right. */
  readonly right?: readonly number[];
  /** Lines below each row, as far as there are any. */
  readonly below?: readonly (readonly Text[])[];
}

/** Before a line below a row. */
export const belowIndent = '         ';

/** Rows in columns as wide as their widest cell on a terminal, wide and combining characters counted right. */
export async function table(rows: readonly (readonly Piece[])[], style: TableStyle = {}): Promise<Text> {
  const cells = rows.map((row) => row.map((cell) => t`${cell}`));
  const width = await widthFunction(cells);
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, width(cell.raw));
    });
  }
  return joinText(
    cells.flatMap((row, at) => {
      const columns = row.map((cell, i) => pad(cell.raw, (widths[i] ?? 0) - width(cell.raw), style.right?.includes(i)));
      const line = new Text(`${style.indent ?? '  '}${columns.join('  ')}`.trimEnd());
      return [line, ...(style.below?.[at] ?? []).map((text) => new Text(belowIndent + text.raw))];
    }),
  );
}

function pad(cell: string, missing: number, right: boolean | undefined): string {
  const space = ' '.repeat(missing);
  return right ? space + cell : cell + space;
}

/** The tables of character widths take 30 ms to load, and most tables are plain ASCII. */
export async function widthFunction(cells: readonly (readonly Text[])[]): Promise<(text: string) => number> {
  const plain = cells.every((row) => row.every((cell) => /^[\x00-\x7f✓✗→←·…]*$/.test(cell.raw)));
  if (plain) return (text) => stripVTControlCharacters(text).length;
  return (await import('string-width')).default;
}
