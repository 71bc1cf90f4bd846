import { describe, expect, it } from 'vitest';
import { RawManifest } from '../../core/manifest/raw-manifest.ts';
import { findRefusedField } from '../../core/manifest/refused-fields.ts';
import { readPage, rowsBelow } from './tables.ts';

describe('docs/manifest.md', () => {
  const page = readPage('manifest.md');

  it('has one row for each field of the schema', () => {
    const names = rowsBelow(page, 'Field').map(([name]) => name);
    expect(names).toEqual(Object.keys(RawManifest.properties).map((name) => `\`${name}\``));
  });

  it('names only fields as refused that are refused', () => {
    const names = [...(page.split('## Refused fields')[1] ?? '').matchAll(/`([A-Za-z]+)`/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(findRefusedField({ [`${name}`]: 'host' }), name).not.toBeNull();
  });
});
