/** Where a text stops being JSON. */
export interface JsonPosition {
  readonly line: number;
  readonly column: number;
  /** What stands there, for example `"}"` or `the end of the file`. */
  readonly found: string;
}

const space = /[ \t\n\r]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * First place at which `text` cannot go on as JSON; null when it is JSON. `JSON.parse` says so with a position for
 * some errors and some versions of Node only. Keeps its own stack, so that no depth of nesting overflows ours.
 */
export function jsonErrorPosition(text: string): JsonPosition | null {
  const open: ('}' | ']')[] = [];
  let at = 0;
  let expect: 'value' | 'firstValue' | 'firstKey' | 'key' | 'rest' = 'value';

  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const skip = () => take(space);
  const close = () => {
    at += 1;
    open.pop();
    expect = 'rest';
  };

  for (;;) {
    skip();
    const next = text[at];
    if (expect === 'rest') {
      if (open.length === 0) return at === text.length ? null : positionOf(text, at);
      if (next === open.at(-1)) close();
      else if (next === ',') {
        at += 1;
        expect = open.at(-1) === '}' ? 'key' : 'value';
      } else return positionOf(text, at);
    } else if (expect === 'key' || expect === 'firstKey') {
      if (expect === 'firstKey' && next === '}') close();
      else {
        if (!take(string)) return positionOf(text, at);
        skip();
        if (text[at] !== ':') return positionOf(text, at);
        at += 1;
        expect = 'value';
      }
    } else if (next === '{') {
      at += 1;
      open.push('}');
      expect = 'firstKey';
    } else if (next === '[') {
      at += 1;
      open.push(']');
      expect = 'firstValue';
    } else if (expect === 'firstValue' && next === ']') close();
    else if (take(string) || take(scalar)) expect = 'rest';
    else return positionOf(text, at);
  }
}

function positionOf(text: string, at: number): JsonPosition {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  const word = /^(?:[\w$]+|[\s\S])/u.exec(text.slice(at, at + 40))?.[0];
  return { line, column, found: word === undefined ? 'the end of the file' : JSON.stringify(word) };
}
