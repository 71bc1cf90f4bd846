import { isRecord } from '../connection/json-file.ts';

/** A JSON value in one short line; a payload that lies in the blob store as its size. */
export function shortValue(value: unknown, most = 60): string {
  if (isRecord(value) && typeof value.$blob === 'string') return `(${Math.ceil(Number(value.size) / 1024)} KiB)`;
  return shortText(JSON.stringify(value) ?? 'nothing', most);
}

/** A text of any length in one short line. */
export function shortText(text: string, most: number): string {
  return cut(text.trim().replace(/\s*[\r\n]\s*/g, ' '), most);
}

/** No more than so many letters, the last one a mark where there were more. */
export function cut(line: string, most: number): string {
  const letters = [...line];
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : line;
}
