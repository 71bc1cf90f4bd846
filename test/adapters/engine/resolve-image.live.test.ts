import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from '../../../adapters/engine/engine-port.ts';
import { describeLive, withoutEngine } from '../../engines/live-engine.ts';
import { deleteImage, pushImage } from '../../engines/push-image.ts';
import { makeLiveFixture, soon } from './live-fixture.ts';

const registry = inject('registry');
if ('unavailable' in registry) withoutEngine('Images from a registry', registry.unavailable);
else for (const kind of ['docker', 'podman'] as const) imagesFrom(registry.address, kind);

function imagesFrom(address: string, kind: 'docker' | 'podman'): void {
  describeLive(kind, 'Images from a registry', (socketPath) => {
    let engine: Engine;
    let live: Awaited<ReturnType<typeof makeLiveFixture>>;
    beforeAll(async () => {
      live = await makeLiveFixture(kind, socketPath);
      engine = live.engine;
    });
    afterAll(() => live?.cleanUp());

    /** A repository that no other test uses. */
    const fresh = () => `test/${randomBytes(6).toString('hex')}`;
    const resolve = (reference: string) => engine.resolveImage(reference, { signal: soon() });
    const forget = (image: { imageId: string | null }) =>
      live.raw.getImage(image.imageId ?? '').remove({ force: true });

    test('a tag leads to the digest that the registry holds', async () => {
      const repository = fresh();
      const digest = await pushImage(address, repository, '1', randomBytes(8).toString('hex'));
      const lines: string[] = [];
      const resolved = await engine.resolveImage(`${address}/${repository}:1`, {
        signal: soon(),
        onProgress: (line) => lines.push(line),
      });
      expect(resolved).toEqual({
        reference: `${address}/${repository}:1`,
        imageId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        digest,
        origin: 'pulled',
      });
      expect(lines.length).toBeGreaterThan(0);
      await forget(resolved);
    });

    test('a digest that is here needs no registry, a tag that is here neither', async () => {
      const repository = fresh();
      const digest = await pushImage(address, repository, '1', randomBytes(8).toString('hex'));
      const { origin, ...pulled } = await resolve(`${address}/${repository}:1`);
      expect(origin).toBe('pulled');
      await deleteImage(address, repository, digest);
      expect(await resolve(`${address}/${repository}@${digest}`)).toMatchObject({ imageId: pulled.imageId, digest });
      expect(await resolve(`${address}/${repository}:1`)).toEqual(pulled);
      expect((await resolve(pulled.imageId as string)).imageId).toBe(pulled.imageId);
      await forget(pulled);
    });

    test('a tag that moved does not change what its old digest gives', async () => {
      const repository = fresh();
      const old = await pushImage(address, repository, 'latest', 'old');
      const moved = await pushImage(address, repository, 'latest', 'new');
      expect(moved).not.toBe(old);
      const newest = await resolve(`${address}/${repository}`);
      expect(newest.digest).toBe(moved);
      const before = await resolve(`${address}/${repository}@${old}`);
      expect(before.digest).toBe(old);
      expect(before.imageId).not.toBe(newest.imageId);
      await forget(newest);
      await forget(before);
    });

    test('what the registry does not have is named in the words of the engine', async () => {
      const repository = fresh();
      await expect(resolve(`${address}/${repository}:9`)).rejects.toMatchObject({
        code: 'IMAGE_NOT_FOUND',
        message: expect.stringContaining(`${address}/${repository}:9`),
      });
      await expect(resolve('Not An Image')).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    });

    test('a registry that is down is another error', async () => {
      await expect(resolve('127.0.0.1:1/some/thing:1')).rejects.toMatchObject({
        code: 'IMAGE_PULL_FAILED',
        message: expect.stringContaining('connection refused'),
      });
    });
  });
}
