import { isJsonObject, ownValue } from '../core/json/json-object.ts';

/** One place at which two JSON values differ; a side that has nothing there lacks its field. */
export interface JsonChange {
  /** `config.environment.GREETING`, `params[0]`; empty = the value itself. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Where two JSON values differ, in the order of their keys. `undefined` = there is none. Lists of different length are
 * one change: which element came or went, nobody can tell from values alone.
 */
export function changesBetween(before: unknown, after: unknown, path = ''): JsonChange[] {
  if (Object.is(before, after)) return [];
  if (isJsonObject(before) && isJsonObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => changesBetween(ownValue(before, key), ownValue(after, key), step(path, key)));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((value, i) => changesBetween(value, after[i], `${path}[${i}]`));
  }
  const change = { path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  return [change];
}

function step(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
