import { createPatch, type Operation } from 'rfc6902';
import { isJsonObject } from '../core/json/json-object.ts';
import { sameJson } from '../core/json/same-json.ts';
import { dumpText } from './dump.ts';

export type JsonPatch = readonly Operation[];

/** Names that appliers of patches step over, lest a patch reaches into the language itself. */
const steppedOver = ['__proto__', 'constructor', 'prototype'];

/** RFC 6902: what makes `after` of `before`. */
export function patchBetween(before: unknown, after: unknown): JsonPatch {
  return createPatch(asJson(before), asJson(after), (input: unknown, output: unknown, place) => {
    if (!holdsSteppedOver(input) && !holdsSteppedOver(output)) return undefined;
    // Nobody could follow a path through such a name, so what holds it is replaced as a whole.
    if (!isJsonObject(input) || !isJsonObject(output)) return undefined;
    return sameJson(input, output) ? [] : [{ op: 'replace', path: place.toString(), value: output }];
  }) as JsonPatch;
}

function asJson(value: unknown): unknown {
  return JSON.parse(dumpText(value));
}

function holdsSteppedOver(value: unknown): boolean {
  return isJsonObject(value) && steppedOver.some((name) => Object.hasOwn(value, name));
}
