import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { describeFound } from '../names/describe-found.ts';
import { quote } from '../names/names.ts';

export interface Mismatch {
  /** JSON pointer, for example `/environment/PORT`. */
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

/** The parts of a JSON schema that can be looked into. */
interface Looked {
  readonly description?: string;
  readonly type?: string;
  readonly maxLength?: number;
  readonly anyOf?: readonly TSchema[];
  readonly items?: TSchema;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
}

/**
 * The deepest place where a value leaves its schema, in words. The library's own errors name every branch of a
 * union, which nobody can act on.
 */
export function firstMismatch(schema: TSchema, value: unknown, pointer = ''): Mismatch | null {
  if (Check(schema, value)) return null;
  const { anyOf, ...looked } = schema as Looked;
  if (anyOf) {
    const fitting = anyOf.find((branch) => canLookInto(branch, value));
    if (fitting) return firstMismatch(fitting, value, pointer);
    const named = anyOf.find((branch) => typeOf(branch) !== 'null');
    const expected = looked.description && !anyOf.some(isNull) ? looked.description : describe(named);
    return { pointer, expected, found: describeFound(value) };
  }
  if (canLookInto(schema, value)) {
    for (const [key, child] of childrenOf(looked, value as object)) {
      const inner = firstMismatch(child, (value as Record<string, unknown>)[key], `${pointer}/${escapeKey(key)}`);
      if (inner) return inner;
    }
    const known = Object.keys(looked.properties ?? {});
    const unknown = Object.keys(value as object).find((key) => !known.includes(key));
    if (looked.additionalProperties === false && known.length > 1 && unknown !== undefined) {
      const expected = `one of the fields ${known.join(', ')}`;
      return { pointer: `${pointer}/${escapeKey(unknown)}`, expected, found: 'an unknown field' };
    }
  }
  return { pointer, expected: describe(schema), found: describeFound(value) };
}

/** One step of a JSON pointer (RFC 6901), with what would garble a terminal made visible. */
export function escapeKey(key: string): string {
  const shown = quote(key).slice(1, -1);
  return shown.replaceAll('~', '~0').replaceAll('/', '~1');
}

function* childrenOf(schema: Looked, value: object): Iterable<[string, TSchema]> {
  if (Array.isArray(value)) {
    for (const index of value.keys()) if (schema.items) yield [String(index), schema.items];
    return;
  }
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    if (Object.hasOwn(value, key) || schema.required?.includes(key)) yield [key, child];
  }
  const [any] = Object.values(schema.patternProperties ?? {});
  if (any) for (const key of Object.keys(value)) yield [key, any];
}

function canLookInto(schema: TSchema, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { anyOf } = schema as Looked;
  if (anyOf) return anyOf.some((branch) => canLookInto(branch, value));
  return typeOf(schema) === (Array.isArray(value) ? 'array' : 'object');
}

function typeOf(schema: TSchema): string | undefined {
  return (schema as Looked).type;
}

function isNull(schema: TSchema): boolean {
  return typeOf(schema) === 'null';
}

function describe(schema: TSchema | undefined): string {
  const { description, type, maxLength } = (schema ?? {}) as Looked;
  const limit = maxLength === undefined ? '' : ` of at most ${maxLength} characters`;
  return `${description ?? `a value of type ${type ?? 'another kind'}`}${limit}`;
}
