import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { PruneReport } from '../../adapters/prune/prune.ts';
import type { DataOf } from '../../core/events/catalogue.ts';
import { nodeImage, shellImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { pushVariant } from '../rollback/registry-images.ts';
import { Ground } from '../trouble/ground.ts';
import { commit, scripted } from './agents.ts';

describeLive('docker', 'Installing and cleaning up', (socketPath) => {
  const docker = new Docker({ socketPath });
  let ground: Ground;
  let images: string[];
  let repository: string;

  beforeAll(async () => {
    const registry = inject('registry');
    if (!('address' in registry)) throw new Error(registry.unavailable);
    repository = `${registry.address}/ploinky/prune`;
    images = [];
    for (const tag of ['1', '2']) {
      const { imageId } = await pushVariant(docker, shellImage, { repository, tag, variable: `VARIANT=${tag}` });
      images.push(imageId);
      await docker.getImage(imageId).remove({ force: true });
    }
    ground = await Ground.make({
      settings: { engine: 'docker', 'retention.releases': 1, 'retention.prune': 'never' },
      env: { DOCKER_HOST: `unix://${socketPath}` },
    });
    commit(join(ground.folder, 'r'), scripted('site', 'echo "made by $VARIANT" > made.txt'));
    await ground.addRepository('own', join(ground.folder, 'r'));
  });
  afterAll(async () => {
    await ground?.clear();
    for (const id of images ?? [])
      await docker
        .getImage(id)
        .remove({ force: true })
        .catch(() => {});
  });

  const has = (name: string) =>
    docker
      .getImage(name)
      .inspect()
      .then(() => true)
      .catch(() => false);
  const asked = async (method: 'GET' | 'POST'): Promise<PruneReport> => {
    const route = method === 'GET' ? '/management/api/prune' : '/management/api/prune/run';
    return (await ground.operator.request(method, route)).body;
  };
  const made = async () => (await ground.operator.request('GET', '/site/made.txt')).body;

  it('takes the result of an install step again, and removes an image that only an old release needed', async () => {
    await ground.deployed('/site', 'site', { image: `${repository}:1` });
    await ground.deployed('/site', 'site', { image: `${repository}:1` });
    await ground.deployed('/site', 'site', { image: `${repository}:2` });
    expect(await made()).toBe('made by 2\n');
    const events = await ground.events('/site');
    const installed = events.filter(({ type }) => type === 'release.installed');
    const hits = installed.map(({ data }) => (data as DataOf<'release.installed'>).cache?.hit);
    expect(hits).toEqual([false, true, false]);
    const resolved = events.filter(({ type }) => type === 'release.imageResolved');
    const origins = resolved.map(({ data }) => (data as DataOf<'release.imageResolved'>).origin);
    expect(origins).toEqual(['pulled', undefined, 'pulled']);

    await ground.headAtRest();
    const stranger = await docker.createContainer({ Image: images[0] ?? '', Cmd: ['true'] });
    expect((await asked('GET')).kept).toEqual([{ id: `docker ${images[0]}`, reason: 'a container uses it' }]);
    await stranger.remove();
    const { items, left } = await asked('POST');
    expect(items.filter(({ kind }) => kind === 'image').map(({ id }) => id)).toEqual([`docker ${images[0]}`]);
    expect(left).toEqual([]);
    const still = await Promise.all([images[0] ?? '', images[1] ?? '', nodeImage, shellImage].map(has));
    expect(still).toEqual([false, true, true, true]);

    const rollback = { domain: 'localhost', path: '/site', to: '#1' };
    const { status, body } = await ground.operator.request('POST', '/management/api/deployments/rollback', rollback);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(await made()).toBe('made by 1\n');
  });
});
