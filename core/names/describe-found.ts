import { quote } from './names.ts';

/** A JSON value in a message: short, and without walking into it, for a body may be nested very deep. */
export function describeFound(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string')
    return value.length > 80 ? `${quote(value)} (${value.length} characters)` : quote(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `a ${typeof value}`;
}
