import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { nodeImage, shellImage } from '../engines/base-images.ts';
import { makeRepository } from './agents.ts';
import { expectProblem, Ground } from './ground.ts';

const variable = { docker: 'DOCKER_HOST', podman: 'CONTAINER_HOST' } as const;

/** What can go wrong between a deploy and a container, on a real engine and seen through its own inspection. */
export function engineTroubleSuite(name: 'docker' | 'podman', socketPath: string): void {
  const engine = new Docker({ socketPath });
  let ground: Ground;

  const listed = (cloudId: string) => {
    return engine.listContainers({ all: true, filters: { label: [`ploinky.cloud=${cloudId}`] } });
  };

  beforeAll(async () => {
    ground = await Ground.make({
      settings: { engine: name, defaultImage: nodeImage },
      env: { [variable[name]]: `unix://${socketPath}` },
      running: async (cloudId, deployment) => {
        const found = await listed(cloudId);
        const own = found.filter(({ Labels }) => Labels['ploinky.deployment'] === deployment);
        return own.map(({ Labels }) => Labels['ploinky.release'] ?? '');
      },
    });
    await ground.addRepository('own', makeRepository(join(ground.folder, 'r')));
  });
  afterAll(async () => {
    const cloudId: string | undefined = (await ground?.state().catch(() => undefined))?.cloud.cloud.cloudId;
    await ground?.clear();
    if (cloudId) expect(await listed(cloudId)).toEqual([]);
  });
  afterEach(() => ground.answers());

  async function inspected(path: string) {
    const containers = Object.values<{ deployment: string; name: string }>((await ground.state()).containers);
    const own = containers.find(({ deployment }) => deployment === `localhost${path}`);
    return engine.getContainer(own?.name ?? '').inspect();
  }

  describe('an image', () => {
    it('that no registry has ends the deploy and leaves nothing', async () => {
      const registry = inject('registry');
      if (!('address' in registry)) throw new Error(registry.unavailable);
      const image = `${registry.address}/ploinky/nothing:1`;
      const answer = await ground.deploy('/absent', 'good', { image });
      expectProblem(answer, 'IMAGE_NOT_FOUND');
      expect(answer.body.message).toContain(image);
      expect(answer.body.error.details).toMatchObject({ stage: 'image' });
      const types = (await ground.events('/absent')).map(({ type }) => type);
      expect(types.filter((type) => type !== 'release.cleaned')).toEqual([
        'deployment.requested',
        'release.sourceResolved',
        'release.failed',
      ]);
      await ground.nothingHalfMade('/absent');
    });

    it('of a registry that cannot be reached ends the deploy', async () => {
      const answer = await ground.deploy('/unreachable', 'good', { image: '127.0.0.1:1/nothing:1' });
      expectProblem(answer, 'IMAGE_PULL_FAILED');
      await ground.nothingHalfMade('/unreachable');
    });

    it('whose name is no name ends the deploy', async () => {
      const answer = await ground.deploy('/bad', 'good', { image: 'Not A/Name' });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    });
  });

  it('an install step that fails tells its last lines and leaves no container', async () => {
    const answer = await ground.deploy('/install', 'badInstall');
    expectProblem(answer, 'INSTALL_FAILED');
    expect(answer.body.message).toContain('exit code 42');
    expect(answer.body.message).toContain('the disk is on fire');
    await ground.nothingHalfMade('/install');
  });

  it('an install step that goes on for ever is ended by an undeploy', async () => {
    const deploy = ground.deploy('/slow', 'slowInstall');
    await ground.installing('/slow');
    await ground.undeploy('/slow');
    expectProblem(await deploy, 'DEPLOYMENT_REMOVED');
    await ground.nothingHalfMade('/slow');
  });

  it('an agent that ends at once, or whose program is not there, says how', async () => {
    const early = await ground.deploy('/early', 'earlyExit');
    expectProblem(early, 'EXITED_EARLY');
    expect(early.body.message).toContain('exit code 7');
    expect(early.body.message).toContain('the disk is on fire');
    await ground.nothingHalfMade('/early');
    const absent = await ground.deploy('/absent-program', 'noProgram');
    expectProblem(absent, 'EXITED_EARLY');
    expect(absent.body.message).toContain('/no/such/program');
    await ground.nothingHalfMade('/absent-program');
  });

  it('limits of the manifest and everything that keeps a container in arrive at the engine', async () => {
    await ground.deployed('/limited', 'limited');
    expect((await ground.call('/limited', 'hello', ['you'])).body.data).toBe('Hello, you!');
    const { HostConfig: host, Config: config, Mounts: mounts } = await inspected('/limited');
    expect(host.Memory).toBe(96 * 1024 * 1024);
    const cpus = host.NanoCpus ? host.NanoCpus / 1e9 : (host.CpuQuota ?? 0) / (host.CpuPeriod || 100_000);
    expect(cpus).toBe(0.5);
    expect(host).toMatchObject({ PidsLimit: 512, CpuPeriod: 10_000, CpuShares: 256, OomScoreAdj: 500 });
    expect(host.NetworkMode).toBe('none');
    expect(host.Privileged).toBe(false);
    expect(host.SecurityOpt?.join()).toContain('no-new-privileges');
    expect(JSON.stringify(host.CapDrop ?? [])).toMatch(/ALL|CHOWN/i);
    expect([host.PidMode, host.IpcMode, host.UTSMode].filter((mode) => mode === 'host')).toEqual([]);
    expect(host.Devices ?? []).toEqual([]);
    expect(mounts.map(({ Source }) => Source).filter((source) => /\.sock$|^\/var\/run|^\/run$/.test(source))).toEqual(
      [],
    );
    expect(config.Env?.some((entry) => entry.startsWith('PLOINKY_PATH=/limited'))).toBe(true);
    const hog = await ground.call('/limited', 'hog');
    expectProblem(hog, 'TASK_OUTCOME_UNKNOWN');
    const { data } = await ground.happened('/limited', 'container.exited');
    expect(data).toMatchObject({ exitCode: 137 });
    // Podman needs cgroups of version 2 to tell why.
    if (name === 'docker') expect(data).toMatchObject({ oomKilled: true });
    await ground.comesBack('/limited');
    await ground.undeploy('/limited');
    await ground.nothingHalfMade('/limited');
  });

  it('an agent in an image without Node is served by the queue', async () => {
    await ground.deployed('/shell', 'programs', { image: shellImage });
    const healthy = (await ground.events('/shell')).find(({ type }) => type === 'container.healthy');
    expect(healthy?.data).toMatchObject({ transport: 'queue' });
    expect((await ground.call('/shell', 'echo', ['a b', '$(id)'])).body.data).toBe('a b|$(id)|');
    expectProblem(await ground.call('/shell', 'exit1'), 'HANDLER_FAILED');
    expectProblem(await ground.call('/shell', 'nobody'), 'COMMAND_NOT_FOUND');
    await ground.undeploy('/shell');
    await ground.nothingHalfMade('/shell');
  });

  it('a container is adopted after a kill -9 of the server, with the call that was under way', async () => {
    await ground.deployed('/adopted', 'good');
    const { data: boot } = (await ground.call('/adopted', 'boot')).body;
    const from = await ground.head();
    const call = ground.call('/adopted', 'count', ['once', 1_500]).catch(() => {});
    const taskId = await ground.enqueuedAfter(from);
    await ground.server.kill();
    await call;
    await ground.server.start();
    expect(await ground.outcomeOf(taskId)).toMatchObject({ type: 'task.completed', data: { data: 'once' } });
    expect((await ground.call('/adopted', 'boot')).body.data).toBe(boot);
    expect((await ground.call('/adopted', 'runs')).body.data.once).toBe(1);
    await ground.happened('/adopted', 'container.adopted');
    const types = (await ground.events('/adopted')).map(({ type }) => type);
    expect(types.filter((type) => type === 'container.started')).toHaveLength(1);
    expect(types).not.toContain('container.restarted');
    await ground.nothingHalfMade('/adopted');
    await ground.undeploy('/adopted');
    await ground.nothingHalfMade('/adopted');
  });

  it('a container that dies while the server is away is started again', async () => {
    await ground.deployed('/dies', 'good');
    const { Id } = await inspected('/dies');
    await ground.server.kill();
    await engine.getContainer(Id).kill();
    await ground.server.start();
    await ground.comesBack('/dies');
    const types = (await ground.events('/dies')).map(({ type }) => type);
    expect(types).toContain('container.exited');
    expect(types).toContain('container.restarted');
    await ground.undeploy('/dies');
    await ground.nothingHalfMade('/dies');
  });

  it('a container that somebody removed by hand is made again', async () => {
    await ground.deployed('/removed', 'good');
    const { Id } = await inspected('/removed');
    await engine.getContainer(Id).remove({ force: true });
    await ground.comesBack('/removed', Id);
    await ground.undeploy('/removed');
    await ground.nothingHalfMade('/removed');
  });
}
