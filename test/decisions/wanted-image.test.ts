import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../core/settings/settings.ts';
import { wantedImage } from '../../decisions/wanted-image.ts';
import type { Release } from '../../projections/releases.ts';

const { defaultImage } = defaultSettings;

/** Only what is looked at. */
function release(images: { deployment?: string; manifest?: string }): Pick<Release, 'config' | 'source'> {
  const config = { image: images.deployment ?? null } as Release['config'];
  const source = { manifest: { image: images.manifest ?? null } } as Release['source'];
  return { config, source };
}

describe('the image of a release', () => {
  test.each([
    ['nobody names one', {}, defaultImage, { reference: defaultImage, byDefault: true }],
    ['the setting names one', {}, 'mine:1', { reference: 'mine:1', byDefault: false }],
    ['the manifest names one', { manifest: 'a:1' }, defaultImage, { reference: 'a:1', byDefault: false }],
    [
      'the manifest names the default',
      { manifest: defaultImage },
      defaultImage,
      { reference: defaultImage, byDefault: false },
    ],
    [
      'the deployment names one',
      { deployment: 'b:1', manifest: 'a:1' },
      'mine:1',
      { reference: 'b:1', byDefault: false },
    ],
  ])('when %s', (_, images, setting, wanted) => {
    expect(wantedImage(release(images), { defaultImage: setting })).toEqual(wanted);
  });

  test('is the default before there is a manifest', () => {
    expect(wantedImage({ ...release({}), source: null }, { defaultImage })).toMatchObject({ byDefault: true });
  });
});
