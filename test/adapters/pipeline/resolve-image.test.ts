import { describe, expect, test } from 'vitest';
import type { Engine } from '../../../adapters/engine/engine-port.ts';
import { resolveImage } from '../../../adapters/pipeline/resolve-image.ts';
import type { World } from '../../../adapters/pipeline/world.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';
import type { Release } from '../../../projections/releases.ts';

const made = { reference: 'localhost/ploinky-host-node:20', imageId: 'sha256:3', digest: null };

/** A world whose registry cannot be reached. */
function offline(engineName: Engine['name'] = 'docker') {
  const warnings: { fields: object; message: string }[] = [];
  const engine = {
    name: engineName,
    resolveImage: async (reference: string | null) => {
      if (reference === null) return { reference: null, imageId: null, digest: null };
      throw new PloinkyError('IMAGE_PULL_FAILED', `could not pull ${reference}`);
    },
    importHostImage: async () => made,
  };
  const world = {
    engines: { get: async () => engine },
    settings: () => defaultSettings,
    logger: { debug: () => undefined, warn: (fields: object, message: string) => warnings.push({ fields, message }) },
  };
  return { world: world as unknown as World, warnings };
}

function release(image: string | null): Release {
  return {
    id: 'localhost/demo#1',
    engine: 'docker',
    config: { image },
    source: { manifest: { image: null } },
  } as unknown as Release;
}

const { signal } = new AbortController();

describe('resolving an image without a registry', () => {
  test('the event names the image that was made here, and the log says why', async () => {
    const { world, warnings } = offline();
    expect(await resolveImage(world, release(null), signal)).toEqual([
      { type: 'release.imageResolved', stream: 'release:localhost/demo#1', data: made },
    ]);
    expect(warnings).toEqual([
      {
        fields: { release: 'localhost/demo#1', image: defaultSettings.defaultImage, taken: made.reference },
        message: expect.stringContaining(`could not pull ${defaultSettings.defaultImage}. Taking ${made.reference}`),
      },
    ]);
  });

  test('an image that somebody named is never replaced', async () => {
    const { world, warnings } = offline();
    await expect(resolveImage(world, release('node:20'), signal)).rejects.toMatchObject({ code: 'IMAGE_PULL_FAILED' });
    await expect(resolveImage(world, release(defaultSettings.defaultImage), signal)).rejects.toMatchObject({
      code: 'IMAGE_PULL_FAILED',
    });
    expect(warnings).toEqual([]);
  });

  test('plain processes need none', async () => {
    const { world } = offline('process');
    const [draft] = await resolveImage(world, release(null), signal);
    expect(draft?.data).toEqual({ reference: null, imageId: null, digest: null });
  });
});
