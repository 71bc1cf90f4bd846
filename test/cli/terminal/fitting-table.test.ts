import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fittingTable } from '../../../cli/terminal/fitting-table.ts';
import { red, t } from '../../../cli/terminal/text.ts';

const rows = [
  ['name', 'a long explanation', 'extra'],
  ['other', 'short', 'more'],
];
const order = [
  { column: 1, least: 8 },
  { column: 2, least: 0 },
];

describe('a table that fits', () => {
  it('is whole where there is room', async () => {
    const whole = '  name   a long explanation  extra\n  other  short               more';
    expect(await fittingTable(rows, undefined, order)).toMatchObject({ text: { raw: whole }, whole: true });
    expect(await fittingTable(rows, 34, order)).toMatchObject({ text: { raw: whole }, whole: true });
  });

  it('cuts and leaves out in the order that was given, and no more than it has to', async () => {
    const at = async (columns: number) => (await fittingTable(rows, columns, order)).text.raw.split('\n');
    expect(await at(30)).toEqual(['  name   a long explan…  extra', '  other  short           more']);
    expect(await at(20)).toEqual(['  name   a long exp…', '  other  short']);
    expect(await at(10)).toEqual(['  name   …', '  other  …']);
    expect(await fittingTable(rows, 30, order)).toMatchObject({ whole: false });
  });

  it('leaves lines below a row whole, and keeps what stands at the right there when a column is left out', async () => {
    const below = [[], [t`→ a command that somebody types as it is written here`]];
    const figures = [
      ['a', 'left out', '1'],
      ['b', 'too', '22'],
    ];
    const { text } = await fittingTable(figures, 10, [{ column: 1, least: 0 }], { right: [2], below, indent: '' });
    expect(text.raw.split('\n')).toEqual(['a   1', 'b  22', `         ${below[1]?.[0]?.raw}`]);
  });

  it('counts wide characters as a terminal does, and ends the colours that it began', async () => {
    const { text } = await fittingTable([['漢字漢字', red('broken down')]], 15, [{ column: 1, least: 4 }]);
    expect(stripVTControlCharacters(text.raw)).toBe('  漢字漢字  br…');
    expect(text.raw).toContain('\u001b[31mbr…\u001b[39m');
  });
});
