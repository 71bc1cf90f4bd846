import { describe, expect, it } from 'vitest';
import { table } from '../../../cli/terminal/table.ts';
import { green } from '../../../cli/terminal/text.ts';

describe('a table', () => {
  it('has columns as wide as their widest cell, and no spaces at the end', async () => {
    const text = await table([
      ['a', 'bbb', 'c'],
      ['aaa', 'b', ''],
    ]);
    expect(text.raw).toBe('  a    bbb  c\n  aaa  b');
  });

  it('counts wide and combining characters as a terminal does', async () => {
    const text = await table(
      [
        ['日本', 'x'],
        ['e\u0301a', 'y'],
      ],
      { indent: '' },
    );
    expect(text.raw).toBe('日本  x\ne\u0301a    y');
  });

  it('does not count colours', async () => {
    const text = await table(
      [
        [green('ok'), 'x'],
        ['long', 'y'],
      ],
      { indent: '' },
    );
    expect(text.raw).toBe('\u001b[32mok\u001b[39m    x\nlong  y');
  });

  it('sets numbers to the right', async () => {
    expect(
      (
        await table(
          [
            ['a', '1'],
            ['b', '10'],
          ],
          { right: [1], indent: '' },
        )
      ).raw,
    ).toBe('a   1\nb  10');
  });

  it('keeps a cell in its line', async () => {
    expect((await table([['a\nb', 'c']], { indent: '' })).raw).toBe('a\\nb  c');
  });
});
