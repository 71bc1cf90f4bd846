import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../crash/operator.ts';
import { importBaseImages, nodeImage } from '../engines/base-images.ts';
import type { OwnEngine } from '../engines/engine-start.ts';
import { describeLive } from '../engines/live-engine.ts';
import { startSmallEngine } from '../engines/small-engine.ts';
import { expectProblem, Ground } from '../trouble/ground.ts';
import { makeFilling } from './filling-agents.ts';
import { loggedIn } from './logged-in.ts';

/** Room for the image and some containers. */
const diskMegabytes = 400;
/** Of the pauses after which a start is tried again: the third is over by then. */
const convergesWithinS = 60;

for (const kind of ['docker', 'podman'] as const)
  describeLive(kind, 'The disk of an engine is full', () => {
    let engine: OwnEngine;
    let ground: Ground;
    beforeAll(async () => {
      engine = await startSmallEngine(kind, diskMegabytes);
      await importBaseImages([engine.socketPath]);
      const env = { [kind === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST']: `unix://${engine.socketPath}` };
      ground = await Ground.make({ settings: { engine: kind, defaultImage: nodeImage }, env });
      await ground.addRepository('own', makeFilling(join(ground.folder, 'r')));
    });
    afterAll(async () => {
      await ground?.clear();
      await engine?.stop();
    });

    it('deploys say so, what runs serves on, and all that waited runs once there is room', async () => {
      for (const path of ['/good', '/fails']) await ground.deployed(path, 'plain');
      await ground.deployed('/filler', 'filler');
      const before = await containerOf(ground, '/fails');
      expect((await ground.call('/filler', 'fill')).body.data).toBe('ENOSPC');

      const refused = await ground.deploy('/new', 'plain');
      expectProblem(refused, 'ENGINE_DISK_FULL');
      expect(refused.body.error.message).toMatch(/disk is full: .*no space left on device/);
      expect(refused.body.error.hint).toContain(`${kind} system df`);
      expect(refused.body.error.hint).toContain('p-cli cloud prune');
      expectProblem(await ground.deploy('/good', 'plain'), 'ENGINE_DISK_FULL');
      expect((await ground.call('/good', 'hello', ['you'])).body.data).toBe('Hello, you!');

      // The room that it leaves is filled before the next one is made.
      await removedByHand(engine, before.name);
      const { data } = await ground.happened('/fails', 'container.startFailed');
      expect(data).toMatchObject({ problem: { code: 'ENGINE_DISK_FULL' } });
      await loggedIn(ground, async (desk) => {
        const why = await desk.run(['cloud', 'why', before.name]);
        expect([why.exit, why.stderr]).toEqual([0, expect.stringContaining('p-cli cloud logs')]);
        expect(why.stdout).toContain('disk is full');
        // Between two attempts; it is starting during each.
        await eventually('the reason in status', 30, async () => {
          const { stdout } = await desk.run(['cloud', 'status']);
          return /localhost\/fails .*could not start.*disk is full/.test(stdout) || undefined;
        });
        const history = await desk.run(['cloud', 'history', '--type', 'container.startFailed']);
        expect(history.stdout).toContain('disk is full');
      });
      expect((await ground.call('/good', 'hello', ['you'])).body.data).toBe('Hello, you!');

      expect((await ground.call('/filler', 'free')).status).toBe(200);
      await eventually('the return of /fails', convergesWithinS, async () => {
        const { status } = await ground.call('/fails', 'hello', ['again']);
        return status === 200 ? true : undefined;
      });
      for (const path of ['/new', '/good']) await ground.deployed(path, 'plain');
      await eventually('rest', convergesWithinS, () => atRest(ground, engine));
    });

    it('nothing of it stays mounted', async () => {
      await ground.clear();
      await engine.stop();
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(engine.home);
    });
  });

/** Podman needs some room to remove one: at times it stops in the middle, and what runs is gone by then. */
async function removedByHand(engine: OwnEngine, name: string): Promise<void> {
  await engine.removeByHand(name).catch((error: Error) => expect(error.message).toContain('no space left on device'));
}

interface Known {
  readonly name: string;
  readonly deployment: string;
  readonly status: string;
}

async function containersOf(ground: Ground): Promise<Known[]> {
  return Object.values<Known>((await ground.state()).containers);
}

async function containerOf(ground: Ground, path: string): Promise<Known> {
  const found = (await containersOf(ground)).find(({ deployment }) => deployment === `localhost${path}`);
  if (!found) throw new Error(`${path} has no container`);
  return found;
}

/** One container for each deployment, the same in the log and in the engine. */
async function atRest(ground: Ground, { socketPath }: OwnEngine): Promise<true | undefined> {
  const known = await containersOf(ground);
  if (known.length !== 4 || known.some(({ status }) => status !== 'healthy')) return undefined;
  const label = [`ploinky.cloud=${(await ground.state()).cloud.cloud.cloudId}`];
  const found = await new Docker({ socketPath }).listContainers({ all: true, filters: { label } });
  const names = found.map(({ Names }) => (Names[0] ?? '').replace(/^\//, '')).sort();
  return JSON.stringify(names) === JSON.stringify(known.map(({ name }) => name).sort()) ? true : undefined;
}
