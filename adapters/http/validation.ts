import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { Value } from 'typebox/value';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';

/**
 * Checks a part of a request against its schema. Bodies are taken as they are; query values arrive as text and are
 * converted. Compiled at first use, so that starting does not pay for routes that nobody calls.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let validator: Validator | undefined;
  return (value: unknown) => {
    validator ??= Compile(schema) as unknown as Validator;
    const given = httpPart === 'body' ? (value ?? {}) : Value.Convert(schema, value);
    if (validator.Check(given)) return { value: given };
    return { error: new PloinkyError('INVALID_REQUEST', sentence(validator, given, httpPart)) };
  };
};

/** The first and most precise complaint, with the field's name. */
function sentence(validator: Validator, given: unknown, part: string | undefined): string {
  const errors = validator.Errors(given);
  const error = [...errors].sort((a, b) => b.instancePath.length - a.instancePath.length)[0];
  const where = part === 'querystring' ? 'query' : part === 'params' ? 'address' : (part ?? 'request');
  if (!error) return `The ${where} has the wrong form.`;
  const params = error.params as { requiredProperties?: string[]; additionalProperties?: string[] };
  const missing = params.requiredProperties?.[0];
  if (missing !== undefined) return `The ${where} lacks the field ${quote(missing)}.`;
  const extra = params.additionalProperties?.[0];
  if (extra !== undefined) return `The ${where} has no field ${quote(extra)}.`;
  const field = error.instancePath.slice(1).replaceAll('/', '.');
  if (error.keyword === 'boolean') return `The ${where} may not have the field ${quote(field)}.`;
  const choices = errors.filter((e) => e.keyword === 'const' && e.instancePath === error.instancePath);
  const allowed = choices.map((e) => String((e.params as { allowedValue?: unknown }).allowedValue));
  const complaint = allowed.length > 0 ? `must be ${allowed.join(' or ')}` : error.message;
  return field === '' ? `The ${where} ${complaint}.` : `The field ${quote(field)} of the ${where} ${complaint}.`;
}
