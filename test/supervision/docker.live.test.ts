import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { deploymentKey } from '../../core/names/names.ts';
import { eventually } from '../crash/operator.ts';
import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { pushVariant } from '../rollback/registry-images.ts';
import { Ground } from '../trouble/ground.ts';
import { makeSupervised } from './agents.ts';
import { type HangingSocket, hangingSocket } from './hanging-socket.ts';
import { loggedIn } from './logged-in.ts';

describeLive('docker', 'Supervision', (socketPath) => {
  const docker = new Docker({ socketPath });
  let ground: Ground;
  let socket: HangingSocket;

  beforeAll(async () => {
    socket = await hangingSocket(socketPath);
    ground = await Ground.make({
      settings: { engine: 'docker', defaultImage: nodeImage },
      env: { DOCKER_HOST: `unix://${socket.path}` },
    });
    await ground.addRepository('own', makeSupervised(join(ground.folder, 'r')));
  });
  afterAll(async () => {
    await ground?.clear();
    await socket?.stop();
  });
  afterEach(() => ground.answers());

  async function containerOf(path: string) {
    const containers = Object.values<{ deployment: string; name: string }>((await ground.state()).containers);
    return docker.getContainer(containers.find(({ deployment }) => deployment === `localhost${path}`)?.name ?? '');
  }

  async function engineEvents(from: number): Promise<string[]> {
    const events = await ground.operator.history(`from=${from + 1}&limit=1000`);
    return events.map(({ type }) => type).filter((type) => /^(engine|observation)\./.test(type));
  }

  it('a container that somebody paused is resumed', async () => {
    await ground.deployed('/paused', 'plain');
    const container = await containerOf('/paused');
    await container.pause();
    await ground.happened('/paused', 'container.paused');
    await ground.happened('/paused', 'container.resumed');
    await ground.comesBack('/paused');
    expect((await container.inspect()).State).toMatchObject({ Status: 'running', Paused: false });
    await ground.undeploy('/paused');
  });

  it('a container that somebody restarted is taken over and asked anew, and its log goes on', async () => {
    await ground.deployed('/restarted', 'plain');
    const starts = async () => {
      const query = 'deployment=localhost/restarted&contains=AgentCore%20serves';
      const { body } = await ground.operator.request('GET', `/management/api/logs/containers?${query}`);
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return text.split('\n').filter((line) => line !== '').length;
    };
    await eventually('its first words', 30, async () => (await starts()) === 1 || undefined);
    const container = await containerOf('/restarted');
    let restarts = 0;
    const adopted = async () => {
      const events = await ground.operator.history('deployment=localhost/restarted&limit=1000');
      return events.find(({ type }) => type === 'container.adopted');
    };
    // One in the first moment, before it was looked at, may pass unseen.
    for (; restarts < 3 && !(await adopted()); restarts += 1) {
      await container.restart();
      await ground.comesBack('/restarted');
    }
    const { data } = await ground.happened('/restarted', 'container.adopted');
    expect(data).toMatchObject({ restarted: true });
    await eventually('the words of each start', 30, async () => (await starts()) === restarts + 1 || undefined);
    await ground.undeploy('/restarted');
  });

  it('a container whose command fails inside is ended and started again', async () => {
    await ground.deployed('/checked', 'checked');
    const code = join(ground.data, 'agents', deploymentKey('localhost/checked'), '1', 'code');
    writeFileSync(join(code, 'broken'), '');
    const { data } = await ground.happened('/checked', 'container.unhealthy');
    expect(data).toMatchObject({ problem: { message: expect.stringMatching(/exit code 1 and said .*looking/) } });
    const { data: exit } = await ground.happened('/checked', 'container.exited');
    expect(exit).toMatchObject({ reason: 'unhealthy' });
    await ground.undeploy('/checked');
  });

  it('a container that took too much memory is told as such', async () => {
    await ground.deployed('/small', 'small');
    await ground.call('/small', 'hog');
    const { data } = await ground.happened('/small', 'container.exited');
    expect(data).toMatchObject({ reason: 'outOfMemory', oomKilled: true, exitCode: 137, signal: 'SIGKILL' });
    await ground.comesBack('/small');
    await ground.undeploy('/small');
  });

  it('an image that somebody deleted is pulled again when its container has to start', async () => {
    const registry = inject('registry');
    if (!('address' in registry)) throw new Error(registry.unavailable);
    const repository = `${registry.address}/ploinky/supervised`;
    const { imageId } = await pushVariant(docker, nodeImage, {
      repository,
      tag: 'stable',
      variable: 'KIND=supervised',
    });
    await ground.deployed('/imageless', 'plain', { image: `${repository}:stable` });
    const container = await containerOf('/imageless');
    const { Id } = await container.inspect();
    await docker.getImage(`${repository}:stable`).remove({ force: true });
    await container.remove({ force: true });
    await docker
      .getImage(imageId)
      .remove({ force: true })
      .catch(() => undefined);
    await ground.comesBack('/imageless', Id);
    expect((await (await containerOf('/imageless')).inspect()).Image).toBe(imageId);
    await ground.undeploy('/imageless');
    await docker.getImage(imageId).remove({ force: true });
  });

  it('an engine that accepts and never answers is told of once; then what happened meanwhile is found by listing', async () => {
    await ground.deployed('/hang', 'plain');
    const container = await containerOf('/hang');
    const from = await ground.head();
    socket.hang();
    await eventually('the silence of the engine', 30, async () => (await engineEvents(from)).length > 0 || undefined);
    await loggedIn(ground, async (desk) => {
      const { exit, stdout } = await desk.run(['cloud', 'status']);
      expect(exit).toBe(0);
      expect(stdout).toMatch(/Engine away: +docker since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, it said: /);
      const { overview } = JSON.parse((await desk.run(['cloud', 'status', '--json'])).stdout);
      expect(overview.enginesAway).toMatchObject([{ engine: 'docker', message: expect.any(String) }]);
    });
    // What needs no engine goes on.
    expect((await ground.call('/hang', 'hello', ['you'])).body.data).toBe('Hello, you!');
    await container.remove({ force: true });
    socket.answer();
    await ground.happened('/hang', 'container.lost');
    await ground.comesBack('/hang');
    expect(await engineEvents(from)).toEqual(['engine.disconnected', 'engine.connected', 'observation.gap']);
    await loggedIn(ground, async (desk) => {
      expect((await desk.run(['cloud', 'status'])).stdout).not.toContain('Engine away');
    });
    await ground.undeploy('/hang');
  });
});
