import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/** Linux gives a program no single variable of more than 128 KiB. */
export const longestSecretBytes = 64 * 1024;

/**
 * Whether a variable of a container can hold it. No message repeats any of it.
 * @throws PloinkyError SECRET_VALUE_INVALID
 */
export function checkSecretValue(value: unknown): asserts value is string {
  const problem = problemOf(value);
  if (problem) throw new PloinkyError('SECRET_VALUE_INVALID', `The value ${problem}.`);
}

function problemOf(value: unknown): string | null {
  if (typeof value !== 'string') return 'is no text';
  if (value === '') return 'is empty';
  const bytes = Buffer.from(value, 'utf8');
  if (bytes.length > longestSecretBytes) return `has ${bytes.length} bytes; ${longestSecretBytes} are possible`;
  if (value.includes('\0')) return 'holds a NUL, which no variable can hold';
  // Half a surrogate pair would become another character on its way.
  return bytes.toString('utf8') === value ? null : 'is no valid Unicode text';
}
