import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/** Deeper nesting is no honest request, and code that walks it would run out of stack. */
const maxDepth = 200;

/**
 * JSON from outside. Refused besides malformed text: keys that would reach an object's prototype when copied
 * carelessly, and nesting over 200 levels.
 * @throws PloinkyError INVALID_JSON
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    throw new PloinkyError('INVALID_JSON', `The body is not valid JSON: ${reason(error, text)}.`);
  }
  if (typeof value === 'object' && value !== null && worthALook(text)) inspect(value);
  return value;
}

/** Most bodies are short and harmless, and this is on the path of every call. */
function worthALook(text: string): boolean {
  return text.length > maxDepth || text.includes('__proto__') || text.includes('constructor') || text.includes('\\u');
}

function inspect(root: object): void {
  let level: object[] = [root];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > maxDepth) throw new PloinkyError('INVALID_JSON', `The body is nested deeper than ${maxDepth} levels.`);
    const below: object[] = [];
    for (const node of level) {
      if (!Array.isArray(node)) refuseReserved(node);
      for (const child of Object.values(node)) {
        if (typeof child === 'object' && child !== null) below.push(child);
      }
    }
    level = below;
  }
}

/** The same two forms that Fastify's own parser refuses. */
function refuseReserved(node: object): void {
  const held: unknown = Object.hasOwn(node, 'constructor') ? Reflect.get(node, 'constructor') : null;
  const polluting = typeof held === 'object' && held !== null && Object.hasOwn(held, 'prototype');
  if (!polluting && !Object.hasOwn(node, '__proto__')) return;
  const key = polluting ? 'constructor' : '__proto__';
  throw new PloinkyError('INVALID_JSON', `The body may not hold the key "${key}".`);
}

/** Without the excerpt of the body that V8 adds: it may hold a secret. */
function reason(error: unknown, text: string): string {
  if (text.trim() === '') return 'it is empty';
  const position = /position (\d+)/.exec((error as Error).message)?.[1];
  return position === undefined ? 'it ends too early or holds an unexpected character' : `see position ${position}`;
}
