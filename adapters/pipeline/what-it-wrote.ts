import { lastLines } from './install-release.ts';

/** The end of a message about a program that failed: what it wrote last, below the sentence where that is several lines. */
export function whatItWrote(output: string, most = 5, bytes = 500): string {
  const lines = lastLines(output.trim(), most, bytes).split('\n');
  if (lines.length > 1) return `Its last lines:${lines.map((line) => `\n  ${line}`).join('')}`;
  return lines[0] === '' ? 'It wrote nothing.' : `Its last lines: ${lines[0]}`;
}
