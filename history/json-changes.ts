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
  if (isPlain(before) && isPlain(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => changesBetween(own(before, key), own(after, key), step(path, key)));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((value, i) => changesBetween(value, after[i], `${path}[${i}]`));
  }
  const change = { path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  return [change];
}

/** The same JSON value, whatever the order of its keys? */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((value, i) => sameJson(value, b[i]))
    );
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  // A key without a value does not reach JSON.
  for (const key in left) if (!sameJson(left[key], own(right, key))) return false;
  for (const key in right) if (!Object.hasOwn(left, key) && right[key] !== undefined) return false;
  return true;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function step(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
