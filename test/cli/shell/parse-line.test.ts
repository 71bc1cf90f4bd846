import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLine, quoteWord } from '../../../cli/shell/parse-line.ts';

const words = (line: string) => {
  const parsed = parseLine(line);
  return parsed.kind === 'words' ? parsed.words : parsed;
};

describe('a typed line', () => {
  it.each([
    ['cloud  call\t/demo hello', ['cloud', 'call', '/demo', 'hello']],
    [`say 'a "b" \\c' "d 'e' \\"f\\" \\\\g \\n"`, ['say', 'a "b" \\c', `d 'e' "f" \\g \\n`]],
    [`a'b'"c"d`, ['abcd']],
    [`'' ""`, ['', '']],
    ['a\\ b \\# \\"', ['a b', '#', '"']],
    ['cloud status # what is up', ['cloud', 'status']],
    ['a#b', ['a#b']],
    ['# nothing', []],
    ['   ', []],
    ['$HOME `id` $(id) ; rm * | x > y && z', ['$HOME', '`id`', '$(id)', ';', 'rm', '*', '|', 'x', '>', 'y', '&&', 'z']],
    [`{"a": 1}`, ['{a:', '1}']],
    [`'{"a": 1}'`, ['{"a": 1}']],
  ])('%s', (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  it.each([
    [`say "hello`, 'the closing "'],
    [`say 'hello`, "the closing '"],
    ['say hello\\', 'a character after \\'],
  ])('%s is unfinished', (line, missing) => {
    expect(parseLine(line)).toEqual({ kind: 'unfinished', missing });
  });

  it('gives back any words that were quoted, whatever they hold', () => {
    const word = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(word), fc.constantFrom(' ', '\t', '   '), (list, space) => {
        expect(words(list.map(quoteWord).join(space))).toEqual(list);
      }),
    );
  });

  it('never throws, and never makes a character that was not there', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`ab \t"'\\#$`) }), (line) => {
        const parsed = parseLine(line);
        if (parsed.kind === 'unfinished') return;
        for (const word of parsed.words) for (const c of word) expect(line).toContain(c);
        expect(parsed.words.join('').length).toBeLessThanOrEqual(line.length);
      }),
    );
  });
});
