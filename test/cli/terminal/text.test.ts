import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText, Output, wantsColour } from '../../../cli/terminal/output.ts';
import { block, green, oneLine, red, t } from '../../../cli/terminal/text.ts';

describe('text for a terminal', () => {
  it('makes what came from outside visible, and keeps colours of its own', () => {
    const text = t`${green('ok')} ${'\u001b]0;title\u0007'} ${red('x\u001b[2J')} ${3}`;
    expect(text.raw).toBe('\u001b[32mok\u001b[39m \\x1b]0;title\\x07 \u001b[31mx\\x1b[2J\u001b[39m 3');
  });

  it('keeps line ends in a block alone', () => {
    expect(oneLine('a\r\n\tb')).toBe('a\\r\\n\\tb');
    expect(block('a\r\n\tb\rc').raw).toBe('a\n\tb\\rc');
  });

  it('shows marks that reverse the writing direction', () => {
    expect(oneLine('x\u202etxt.exe\u2066')).toBe('x\\u202etxt.exe\\u2066');
  });

  it('lets no control character of any string through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(oneLine(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
        const json = jsonText({ text });
        expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
        expect(JSON.parse(json)).toEqual({ text });
        expect(stripVTControlCharacters(t`${text}`.raw)).toBe(t`${text}`.raw);
      }),
    );
  });
});

describe('colour', () => {
  const terminal = { isTTY: true, write: () => true };

  it.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, true],
    [{ TERM: 'dumb' }, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('on a terminal with %o: %s', (env, wanted) => {
    expect(wantsColour(terminal, env)).toBe(wanted);
  });

  it('is left out of files and pipes', () => {
    let written = '';
    const file = { write: (text: string) => (written += text) };
    const out = new Output(file, file, {}, false);
    out.print(t`${green('ok')}`);
    out.status(t`never seen`);
    expect(written).toBe('ok\n');
  });
});
