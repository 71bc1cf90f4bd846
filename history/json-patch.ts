import { createPatch, type Operation } from 'rfc6902';
import { dumpText } from './dump.ts';
import { sameJson } from './json-changes.ts';

export type JsonPatch = readonly Operation[];

/** Names that appliers of patches step over, lest a patch reaches into the language itself. */
const steppedOver = ['__proto__', 'constructor', 'prototype'];

/** RFC 6902: what makes `after` of `before`. */
export function patchBetween(before: unknown, after: unknown): JsonPatch {
  return createPatch(asJson(before), asJson(after), (input: unknown, output: unknown, place) => {
    if (!holdsSteppedOver(input) && !holdsSteppedOver(output)) return undefined;
    // Nobody could follow a path through such a name, so what holds it is replaced as a whole.
    if (!isPlain(input) || !isPlain(output)) return undefined;
    return sameJson(input, output) ? [] : [{ op: 'replace', path: place.toString(), value: output }];
  }) as JsonPatch;
}

function asJson(value: unknown): unknown {
  return JSON.parse(dumpText(value));
}

function holdsSteppedOver(value: unknown): boolean {
  return isPlain(value) && steppedOver.some((name) => Object.hasOwn(value, name));
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
