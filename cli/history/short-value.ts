import { isRecord } from '../connection/json-file.ts';

/** A JSON value in one short line; a payload that lies in the blob store as its size. */
export function shortValue(value: unknown, most = 60): string {
  if (isRecord(value) && typeof value.$blob === 'string') return `(${Math.ceil(Number(value.size) / 1024)} KiB)`;
  const text = JSON.stringify(value) ?? 'nothing';
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : text;
}
