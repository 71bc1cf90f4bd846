import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveOf } from '../../../adapters/engine/host-files/archive.ts';
import { addGround } from '../../../adapters/engine/host-files/ground.ts';
import { HostTree } from '../../../adapters/engine/host-files/host-tree.ts';
import { addOwnCommands } from '../../../adapters/engine/host-files/shell.ts';
import { hostImage } from '../../../adapters/engine/host-image.ts';
import { describeLive } from '../../engines/live-engine.ts';
import { oneAtATime } from '../../engines/one-at-a-time.ts';
import { type LiveFixture, makeLiveFixture, soon } from './live-fixture.ts';

oneAtATime('host-image');

for (const kind of ['docker', 'podman'] as const) {
  describeLive(kind, 'An image of this machine', (socketPath) => {
    let live: LiveFixture;
    beforeAll(async () => {
      live = await makeLiveFixture(kind, socketPath);
    });
    afterAll(async () => {
      await live?.cleanUp();
    });
    /** With every restriction that agents have. */
    const run = (image: string | null, command: readonly string[]) =>
      live.engine.runOnce(live.spec({ image, command }), { signal: soon() });

    test('runs this Node and a shell', async () => {
      const makings: string[] = [];
      const onProgress = (line: string) => void (line.startsWith('making') && makings.push(line));
      const make = () => live.engine.importHostImage(soon(), onProgress);
      // Whichever came first may have made it, where no test before did.
      const [{ origin: _, ...image }, { origin: __, ...same }] = await Promise.all([make(), make()]);
      expect(same).toEqual(image);
      expect(makings.length).toBeLessThanOrEqual(1);
      const { imageId } = image;
      expect(image).toEqual({
        reference: `localhost/ploinky-host-node:${process.versions.node.split('.')[0]}`,
        imageId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        digest: null,
      });
      expect(await run(imageId, ['node', '--version'])).toEqual({
        exitCode: 0,
        output: `${process.version}\n`,
      });
      const text = 'echo a b | tr a-z A-Z; for n in 1 2; do printf "$n "; done; ls -ld /tmp | cut -c1-10; id -un';
      expect((await run(imageId, ['sh', '-c', text])).output).toBe('A B\n1 2 drwxrwxrwt\nroot\n');
      const lookUp = 'require("node:dns").lookup("localhost", (error) => console.log(error ?? "found"))';
      expect(await run(imageId, ['node', '-e', lookUp])).toEqual({ exitCode: 0, output: 'found\n' });
    });

    test('is made once', async () => {
      const { origin: _, ...first } = await live.engine.importHostImage(soon());
      const { Created: made } = await live.raw.getImage(hostImage).inspect();
      const lines: string[] = [];
      const again = () => live.engine.importHostImage(soon(), (line) => lines.push(line));
      expect(await Promise.all([again(), again()])).toEqual([first, first]);
      expect(lines).toEqual([]);
      expect((await live.raw.getImage(hostImage).inspect()).Created).toBe(made);
      expect(await live.engine.resolveImage(hostImage, { signal: soon() })).toMatchObject({ imageId: first.imageId });
    });

    test('is what is left when the registry says nothing: the engine does not either until then', async () => {
      const registry = createServer();
      await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
      const { port } = registry.address() as AddressInfo;
      const giveUp = new AbortController();
      registry.once('connection', () => giveUp.abort());
      const lines: string[] = [];
      const onProgress = (line: string) => lines.push(line);
      const pull = live.engine.resolveImage(`127.0.0.1:${port}/a/b:1`, { signal: giveUp.signal, onProgress });
      await expect(pull).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
      expect(lines).toEqual([]);
      registry.close();
    });

    test('has a working shell where there is no busybox', async () => {
      const tree = new HostTree();
      await addGround(tree);
      await addOwnCommands(tree, soon());
      const repo = `localhost/ploinky-test-${randomBytes(4).toString('hex')}:1`;
      const answer = (await live.raw.importImage(archiveOf(tree.entries()), { repo })) as unknown as Readable;
      for await (const _ of answer);
      try {
        const text =
          'mkdir /tmp/a && echo one two > /tmp/a/b && awk "{print \\$2}" /tmp/a/b | sed s/w/W/ && env | grep -c PATH';
        expect(await run(repo, ['sh', '-c', text])).toEqual({ exitCode: 0, output: 'tWo\n1\n' });
      } finally {
        await live.raw.getImage(repo).remove();
      }
    });
  });
}
