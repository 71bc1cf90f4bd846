import { readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

export function readPage(name: string): string {
  return readFileSync(new URL(`docs/${name}`, root), 'utf8');
}

/** The cells of every table row below a head row that begins with `head`, with Markdown's escapes taken back. */
export function rowsBelow(page: string, head: string): string[][] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  if (start < 0) return [];
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end < 0 ? undefined : end).map(cells);
}

function cells(line: string): string[] {
  return line
    .slice(2, -2)
    .split(/ (?<!\\)\| /)
    .map((cell) => cell.replaceAll('\\|', '|').replaceAll('&lt;', '<'));
}
