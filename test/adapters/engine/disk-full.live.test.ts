import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { engineFailure } from '../../../adapters/engine/engine-failure.ts';
import type { Engine, ResolvedImage } from '../../../adapters/engine/engine-port.ts';
import { importBaseImages, shellImage } from '../../engines/base-images.ts';
import type { OwnEngine } from '../../engines/engine-start.ts';
import { describeLive, withoutEngine } from '../../engines/live-engine.ts';
import { pushImage } from '../../engines/push-image.ts';
import { fillDisk } from '../../engines/small-disk.ts';
import { startSmallEngine } from '../../engines/small-engine.ts';
import { type LiveFixture, makeLiveFixture, soon } from './live-fixture.ts';

/** Room for the images of all tests and that of this machine, twice. */
const diskMegabytes = 600;

const registry = inject('registry');
if ('unavailable' in registry) withoutEngine('An engine without room', registry.unavailable);
else for (const kind of ['docker', 'podman'] as const) withoutRoom(registry.address, kind);

function withoutRoom(address: string, kind: 'docker' | 'podman'): void {
  describeLive(kind, 'An engine without room', () => {
    let own: OwnEngine;
    let live: LiveFixture;
    let engine: Engine;
    beforeAll(async () => {
      own = await startSmallEngine(kind, diskMegabytes, [address]);
      await importBaseImages([own.socketPath]);
      live = await makeLiveFixture(kind, own.socketPath);
      engine = live.engine;
    });
    afterAll(async () => {
      await live?.cleanUp();
      await own?.stop();
    });

    async function whileFull(work: () => Promise<void>): Promise<void> {
      const free = fillDisk(own.storage);
      try {
        await work();
      } finally {
        free();
      }
    }

    const full = {
      code: 'ENGINE_DISK_FULL',
      message: expect.stringMatching(/disk is full: .*no space left on device/),
      hint: expect.stringContaining(`${kind} system df`),
    };

    const ways: readonly (readonly [string, () => Promise<unknown>, () => Promise<ResolvedImage>])[] = [
      [
        'pulls',
        () => pushImage(address, `${kind}/full`, '1', 'x'),
        () => engine.resolveImage(`${address}/${kind}/full:1`, { signal: soon() }),
      ],
      ['imports', async () => undefined, () => engine.importHostImage(soon())],
    ];
    test.each(ways)('%s no image, says so, and does once there is room', async (_, prepare, work) => {
      await prepare();
      await whileFull(() => expect(work()).rejects.toMatchObject(full));
      expect(await work()).toMatchObject({ imageId: expect.stringMatching(/^sha256:/) });
    });

    test('creates and starts no container, says so, and what runs is not touched', async () => {
      const [running, wanted] = [live.spec(), live.spec()];
      await engine.start(running, soon());
      const made = await live.raw.createContainer({ name: 'made', Image: shellImage, Cmd: ['sleep', '1000'] });
      await whileFull(async () => {
        await expect(engine.start(wanted, soon())).rejects.toMatchObject(full);
        const refused = await made.start().catch((error) => engineFailure(kind, 'start made', error));
        expect(refused).toMatchObject(full);
        expect(await engine.list(soon())).toMatchObject([{ name: running.name, status: 'running' }]);
        expect(await engine.start(running, soon())).toMatchObject({ adopted: true });
      });
      await made.remove({ force: true });
      expect(await engine.start(wanted, soon())).toMatchObject({ adopted: false });
    });

    test('one that was removed by hand meanwhile comes back under its name', async () => {
      const spec = live.spec();
      await engine.start(spec, soon());
      await whileFull(async () => {
        // Podman, without room to write down what it removes, mostly stops in the middle.
        await own
          .removeByHand(spec.name)
          .catch(({ message }: Error) => expect(message).toContain('no space left on device'));
      });
      expect(await engine.start(spec, soon())).toMatchObject({ adopted: false });
      expect(await engine.list(soon())).toContainEqual(expect.objectContaining({ name: spec.name, status: 'running' }));
    });
  });
}
