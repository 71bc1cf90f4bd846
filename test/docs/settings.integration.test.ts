import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../core/settings/settings.ts';
import { readPage, rowsBelow } from './tables.ts';

describe('docs/settings.md', () => {
  it('has one row for each setting, with its default', () => {
    const rows = rowsBelow(readPage('settings.md'), 'Setting').map(([name, value]) => [name, value]);
    expect(rows).toEqual(
      Object.entries(defaultSettings).map(([name, value]) => [`\`${name}\``, `\`${JSON.stringify(value)}\``]),
    );
  });
});
