import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';

/** Text in, the same text without values of secrets out. */
export interface Redact {
  (text: string): string;
  /** Characters of the longest form that is looked for: so much of a text belongs together. Absent where nothing is. */
  readonly longest?: number;
}

/** Shorter ones occur by chance; to replace them would say where. */
const shortest = 8;
/** Levels; nobody writes such things by hand. */
const deepest = 200;
/** The end of a value that a cut left at the beginning of a text. */
const shortestEnd = 6;

/**
 * Replaces values by `[secret NAME]`: as they are, as JSON, percent-encoded, in hex and base64 as a whole, and, where a value has
 * several lines, each line of it, since output is cut by lines. Also the rest of a value at the very beginning.
 */
export function redactor(secrets: readonly { readonly name: string; readonly value: string }[]): Redact {
  const forms = new Map<string, string>();
  for (const { name, value } of secrets) {
    for (const form of formsOf(value)) if (!forms.has(form)) forms.set(form, `[secret ${name}]`);
  }
  if (forms.size === 0) return (text) => text;
  // Longest first: one value may be part of another.
  const longestFirst = [...forms.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapeRegExp).join('|'), 'g');
  const redact = (text: string) => {
    const whole = text.replace(pattern, (form) => forms.get(form) ?? '');
    return withoutCutValue(whole, longestFirst, forms);
  };
  return Object.assign(redact, { longest: longestFirst[0]?.length ?? 0 });
}

/** For a release of which a value cannot be read any more. */
export function withheld(what: string): Redact {
  const said = `[withheld: ${what} cannot be read, so it cannot be taken out of this text]`;
  return (text) => (text.trim() === '' ? text : said);
}

/** The same error without values in message, hint, details and causes. */
export function redactedError(error: unknown, redact: Redact): unknown {
  if (!(error instanceof Error)) return error;
  if (!isPloinkyError(error)) {
    const told = [error.message, error.stack ?? '', String(error.cause ?? '')];
    return told.every((text) => redact(text) === text) ? error : new Error(redact(error.message));
  }
  const hint = error.hint === null ? {} : { hint: redact(error.hint) };
  // A cause would bring the words back: loggers and --debug print it.
  return new PloinkyError(error.code, redact(error.message), { ...hint, details: redactedData(error.details, redact) });
}

/** Every text in JSON data, names of fields included. What is nested too deep to be looked through is left out. */
export function redactedData(value: unknown, redact: Redact, depth = 0): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return null;
  if (Array.isArray(value)) return value.map((item) => redactedData(item, redact, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), redactedData(item, redact, depth + 1)]),
  );
}

function formsOf(value: string): string[] {
  const whole = [value, value.trim()];
  const plain = [...whole, ...value.split(/\r?\n/).map((line) => line.trim())].filter((one) => one.length >= shortest);
  if (plain.length === 0) return [];
  const encoded = whole.flatMap((text) => {
    const bytes = Buffer.from(text);
    return [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')];
  });
  return [
    ...plain,
    ...plain.map((text) => JSON.stringify(text).slice(1, -1)),
    ...plain.map(encodeURIComponent),
    ...encoded,
  ];
}

function withoutCutValue(text: string, forms: readonly string[], names: ReadonlyMap<string, string>): string {
  for (const form of forms) {
    for (let from = 1; form.length - from >= shortestEnd; from += 1) {
      const end = form.slice(from);
      if (text.startsWith(end)) return `${names.get(form) ?? ''}${text.slice(end.length)}`;
    }
  }
  return text;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
