import { describe, expect, it } from 'vitest';
import type { ResolveSource } from '../../../adapters/git/git-port.ts';
import { resolveImage } from '../../../adapters/pipeline/resolve-image.ts';
import { resolveSource } from '../../../adapters/pipeline/resolve-source.ts';
import type { World } from '../../../adapters/pipeline/world.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { Release } from '../../../projections/releases.ts';
import { config, manifest } from '../../story.ts';

const { signal } = new AbortController();
const id = (digit: string) => `sha256:${digit.repeat(64)}`;
const reference = 'registry.example:5000/team/app:stable';
const commit = 'c'.repeat(40);

type Image = NonNullable<Release['pinned']>['image'];

/** Release 3, which is release 1 again. */
function release(image: Image): Release {
  const pinned = {
    release: 1,
    repository: 'own',
    url: 'https://then/r',
    branch: 'main',
    commit,
    image,
    secrets: { T: 2 },
  };
  return {
    id: 'localhost/demo#3',
    deployment: 'localhost/demo',
    n: 3,
    engine: 'docker',
    config,
    pinned,
  } as unknown as Release;
}

/** A world whose engine and registry have these images, and no others. */
function world(has: { local?: readonly string[]; registry?: readonly string[]; engine?: string }) {
  const asked: (string | null)[] = [];
  const local = new Set(has.local ?? []);
  const engine = {
    name: has.engine ?? 'docker',
    async resolveImage(wanted: string | null) {
      asked.push(wanted);
      if (wanted === null) return { reference: null, imageId: null, digest: null };
      if (local.has(wanted)) return { reference: wanted, imageId: wanted, digest: null };
      if (wanted.startsWith('sha256:')) throw new PloinkyError('IMAGE_NOT_FOUND', `no image with the id ${wanted}.`);
      const digest = wanted.slice(wanted.indexOf('@') + 1);
      if (has.registry?.includes(wanted)) return { reference: wanted, imageId: id('9'), digest };
      throw new PloinkyError('IMAGE_PULL_FAILED', `could not pull ${wanted}.`);
    },
  };
  const requests: ResolveSource[] = [];
  const git = {
    async resolve(request: ResolveSource) {
      requests.push(request);
      return { branch: request.branch, commit: request.commit, subject: 'As it was', manifest };
    },
  };
  const logger = { debug: () => undefined, warn: () => undefined };
  const views = { repositories: new Map(), secrets: new Map() };
  const parts = { engines: { get: async () => engine }, git, logger, views };
  return { world: parts as unknown as World, asked, requests };
}

describe('the image of a release that is to run again', () => {
  const byDigest = `registry.example:5000/team/app@${id('d')}`;

  it('is the one of that id, whatever the tag names by now', async () => {
    const { world: here, asked } = world({ local: [id('1'), reference] });
    const image = { reference, imageId: id('1'), digest: id('d') };
    const [event] = await resolveImage(here, release(image), signal);
    expect(event?.data).toEqual(image);
    expect(asked).toEqual([id('1')]);
  });

  it('is pulled by its digest and never by its tag where the engine lost it', async () => {
    const { world: here, asked } = world({ registry: [byDigest, reference] });
    const [event] = await resolveImage(here, release({ reference, imageId: id('1'), digest: id('d') }), signal);
    expect(event?.data).toEqual({ reference, imageId: id('9'), digest: id('d') });
    expect(asked).toEqual([id('1'), byDigest]);
  });

  it('that is gone everywhere is told as such', async () => {
    const { world: here } = world({});
    const gone = resolveImage(here, release({ reference, imageId: id('1'), digest: id('d') }), signal);
    await expect(gone).rejects.toMatchObject({
      code: 'IMAGE_PULL_FAILED',
      message: expect.stringMatching(
        /^The image sha256:1{12} of release 1 .* is not in docker any more, and its registry/,
      ),
      hint: expect.stringContaining('registry'),
    });
  });

  it('that was made here and pruned cannot come back', async () => {
    const { world: here, asked } = world({});
    const gone = resolveImage(here, release({ reference: 'localhost/own:1', imageId: id('1'), digest: null }), signal);
    await expect(gone).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      message: expect.stringContaining('it never came from a registry'),
    });
    expect(asked).toEqual([id('1')]);
  });

  it('is none on the process engine', async () => {
    const { world: here } = world({ engine: 'process' });
    const none = { reference: null, imageId: null, digest: null };
    const [event] = await resolveImage(here, release(none), signal);
    expect(event?.data).toEqual(none);
  });
});

describe('the source of a release that is to run again', () => {
  it('is the commit of then, from the address of then, with the secret versions that were decided on', async () => {
    const { world: here, requests } = world({});
    const image = { reference, imageId: id('1'), digest: null };
    const [event] = await resolveSource(here, release(image), signal);
    expect(requests).toEqual([
      {
        repository: { name: 'own', url: 'https://then/r', branch: 'main' },
        agent: 'demo',
        branch: 'main',
        commit,
        deployment: 'localhost/demo',
        release: 3,
      },
    ]);
    expect(event?.data).toMatchObject({ repository: 'own', branch: 'main', commit, secrets: { T: 2 } });
  });
});
