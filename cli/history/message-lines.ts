import { belowIndent } from '../terminal/table.ts';
import { block, dim, joinText, type Text, t } from '../terminal/text.ts';
import { cut, shortText } from './short-value.ts';

/** A sentence that may hold the last lines of a program: what it says, and those lines. */
export function messageParts(message: string): { readonly sentence: string; readonly below: readonly string[] } {
  const [sentence = '', ...below] = message.trimEnd().split(/\r?\n/);
  return { sentence, below: below.map((line) => line.replace(/^ {2}/, '')) };
}

/** Without what a program wrote, where there is a command that shows it. */
export function sentenceOf(message: string): string {
  return messageParts(message).sentence.replace(/ Its last lines:( .*)?$/, '');
}

/** In one line: without the last lines of a program, whose first one seldom says why it ended. */
export function shortMessage(message: string, letters: number): string {
  return shortText(message.replace(/ Its last lines:[\s\S]*$/, ''), letters);
}

/**
 * What a program wrote, a line for each line, with a bar before it so that nobody takes it for words of Ploinky. Of many lines the last ones,
 * where a program says why it ended.
 */
export function saidLines(below: readonly string[], most: number, letters: number): Text[] {
  const shown = below.slice(-most).map((line) => dim(t`| ${block(cut(line, letters))}`));
  const more = below.length - shown.length;
  return more > 0 ? [dim(`| … ${more} ${more === 1 ? 'line' : 'lines'} before`), ...shown] : shown;
}

/** A line with others below it. */
export function withBelow(head: Text, below: readonly Text[]): Text {
  return joinText([head, ...below.map((line) => t`${belowIndent}${line}`)]);
}
