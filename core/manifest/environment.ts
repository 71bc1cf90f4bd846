import type { Static } from 'typebox';
import type { Environment as Schema } from '../events/define.ts';

/** Plain values, and names of secrets in place of secret ones. */
export type Environment = Static<typeof Schema>;

/** Variables whose value is a secret, with the secret's name. */
export function secretVariables(environment: Environment): [variable: string, secret: string][] {
  return Object.entries(environment).flatMap(([variable, value]) => {
    return typeof value === 'string' ? [] : [[variable, value.secret] as [string, string]];
  });
}

/** Each secret once, sorted. */
export function secretNames(environment: Environment): string[] {
  return [...new Set(secretVariables(environment).map(([, name]) => name))].sort();
}
