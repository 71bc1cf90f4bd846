import { describe, expect, it } from 'vitest';
import { isPloinkyError } from '../../../core/errors/ploinky-error.ts';
import { parseManifest } from '../../../core/manifest/parse-manifest.ts';

const servedAs = (manifest: unknown) => {
  const { web, static: site } = parseManifest(JSON.stringify(manifest), 'shop/manifest.json');
  return { web, static: site };
};

function refusal(manifest: unknown): string {
  try {
    servedAs(manifest);
  } catch (error) {
    if (isPloinkyError(error, 'MANIFEST_INVALID')) return error.message;
    throw error;
  }
  throw new Error('the manifest was accepted');
}

describe('a manifest with a port', () => {
  it.each([
    [{ port: 3000 }],
    [{ port: '3000' }],
    [{ expose: 3000 }],
    [{ expose: ['3000'] }],
    [{ port: 3000, expose: [3000] }],
  ])('%j is a web service', (manifest) => {
    expect(servedAs(manifest)).toEqual({ web: { port: 3000, prefix: 'strip' }, static: null });
  });

  it('may keep the path of the deployment in addresses', () => {
    expect(servedAs({ port: 80, prefix: 'keep' }).web).toEqual({ port: 80, prefix: 'keep' });
  });

  it.each([
    [{ port: 0 }, '/port should be a port from 1 to 65535'],
    [{ port: '99999' }, '/port should be a port from 1 to 65535'],
    [{ port: 'http' }, '/port should be a port from 1 to 65535'],
    [{ expose: [1, 2] }, '/expose should be'],
    [{ port: 1, expose: 2 }, '/port is 1 but /expose is 2'],
    [{ prefix: 'keep' }, '/prefix is for web services'],
    [{ port: 1, static: true }, 'give one of them'],
  ])('%j is refused', (manifest, message) => {
    expect(refusal(manifest)).toContain(message);
  });
});

describe('a manifest with static', () => {
  it.each([
    [true, { folder: '.', spa: false }],
    ['public', { folder: 'public', spa: false }],
    ['./dist//site/', { folder: 'dist/site', spa: false }],
    [{}, { folder: '.', spa: false }],
    [
      { folder: 'dist', spa: true },
      { folder: 'dist', spa: true },
    ],
  ])('%j serves files', (site, expected) => {
    expect(servedAs({ static: site })).toEqual({ web: null, static: expected });
  });

  it('serves none when it is false', () => {
    expect(servedAs({ static: false }).static).toBeNull();
  });

  it.each(['/etc', '../other', 'a/../../b', 'a\\b'])('refuses the folder %j', (folder) => {
    expect(refusal({ static: folder })).toContain('/static should be a folder below that of the manifest');
    expect(refusal({ static: { folder } })).toContain('/static/folder should be');
  });
});
