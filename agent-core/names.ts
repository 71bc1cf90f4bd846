/** Words that JavaScript objects understand as more than a key. */
const reserved = new Set(['__proto__', 'constructor', 'prototype']);
const plain = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
/** Endings that the queue folders use for files of another kind. */
const fileEndings = /\.(?:intermediate|lookup|tmp)$/;

/** Whether a command may be looked for at all: it becomes part of a file name and a key of exports. */
export function isCommandName(value: string): boolean {
  return value.length <= 100 && plain.test(value) && !value.includes('..') && !reserved.has(value);
}

/** Whether a task may have this id: it becomes a file name. */
export function isTaskId(value: string): boolean {
  return value.length <= 200 && plain.test(value) && !fileEndings.test(value) && !reserved.has(value);
}
