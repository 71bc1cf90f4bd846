import { belowIndent, type TableStyle, table, widthFunction } from './table.ts';
import { type Piece, Text, t } from './text.ts';

/** A column (from 0) that may be cut to so many letters; 0 = left out. */
export interface GivesWay {
  readonly column: number;
  readonly least: number;
}

const gapWidth = 2;

/**
 * A table no wider than the screen. What gives way does so in this order, as far as it has to; what is too wide even then is
 * cut at the end of the line.
 * Lines below a row are left as they are: what they say is to be read or typed whole.
 * @param columns of the screen; undefined = as wide as it is
 * @returns whole: whether nothing was cut or left out
 */
export async function fittingTable(
  rows: readonly (readonly Piece[])[],
  columns: number | undefined,
  order: readonly GivesWay[],
  style: TableStyle = {},
): Promise<{ readonly text: Text; readonly whole: boolean }> {
  if (columns === undefined) return { text: await table(rows, style), whole: true };
  const cells = rows.map((row) => row.map((cell) => t`${cell}`));
  const width = await widthFunction(cells);
  const widths: number[] = [];
  for (const row of cells) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell.raw));
  }
  const limits = widthsWithin(widths, columns - (style.indent ?? '  ').length, order);
  const shown = limits.flatMap((limit, i) => (limit > 0 ? [i] : []));
  const fitting = cells.map((row) => shown.map((i) => cut(row[i] ?? t``, limits[i] ?? 0, width)));
  const right = (style.right ?? []).map((column) => shown.indexOf(column));
  const text = await table(fitting, { ...style, right, below: [] });
  const lines = text.raw.split('\n').map((line) => cut(new Text(line), columns, width).raw);
  const whole = limits.every((limit, i) => limit === widths[i]) && lines.join('\n') === text.raw;
  const withBelow = lines.flatMap((line, i) => [line, ...(style.below?.[i] ?? []).map(({ raw }) => belowIndent + raw)]);
  return { text: new Text(withBelow.join('\n')), whole };
}

function widthsWithin(widths: readonly number[], room: number, order: readonly GivesWay[]): number[] {
  const limits = [...widths];
  const over = () => {
    const used = limits.filter((limit) => limit > 0);
    return used.reduce((sum, limit) => sum + limit, 0) + gapWidth * Math.max(0, used.length - 1) - room;
  };
  for (const { column, least } of order) {
    const now = limits[column] ?? 0;
    if (over() > 0 && now > least) limits[column] = least === 0 ? 0 : Math.max(least, now - over());
  }
  // What was left out after a cut may have made more room than was needed.
  for (const { column } of order) {
    const now = limits[column] ?? 0;
    if (now > 0 && over() < 0) limits[column] = Math.min(widths[column] ?? 0, now - over());
  }
  return limits;
}

/** As much as fits, with a mark where something was left away; colours go on. */
function cut(text: Text, most: number, width: (text: string) => number): Text {
  if (width(text.raw) <= most) return text;
  let room = most - 1;
  let raw = '';
  for (const piece of text.raw.split(/(\u001b\[[0-9;]*m)/)) {
    if (piece.startsWith('\u001b')) raw += piece;
    else if (room >= 0) {
      for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(piece)) {
        room -= width(segment);
        if (room < 0) break;
        raw += segment;
      }
      if (room < 0) raw += '…';
    }
  }
  return new Text(raw);
}
