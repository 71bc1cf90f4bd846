import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { serveGit } from '../adapters/git/git-http-server.ts';
import { git, TestGround, TestRepository } from '../adapters/git/test-repository.ts';
import { type Answer, eventually } from '../crash/operator.ts';
import { shellImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { startRegistry } from '../engines/start-registry.ts';
import { config } from '../story.ts';
import { expectProblem, Ground } from '../trouble/ground.ts';
import { pushVariant } from './registry-images.ts';
import { scriptReleases } from './scripted-releases.ts';

/** Serves the queue with nothing but a shell. `strict` refuses to, once its volume holds a certain file. */
const run =
  'if [ "$MODE" = strict ] && [ -e /data/poison ]; then echo I sulk; exec sleep 600; fi; exec sh /agentCore/queue.sh';
const manifest = JSON.stringify({
  run,
  commands: { greet: 'cat /agent/greeting', poison: 'touch /data/poison && echo done', look: 'ls /data' },
  volumes: { data: '/data' },
});

interface Image {
  readonly imageId: string;
  readonly digest: string;
}

describeLive('docker', 'Rolling back', (socketPath) => {
  const docker = new Docker({ socketPath });
  let files: TestGround;
  let host: TestGround;
  let remote: TestRepository;
  let ground: Ground;
  let registry: { readonly address: string; stop(): Promise<void> };
  let repository = '';
  const commits: string[] = [];
  const images: Image[] = [];
  let cloudId = '';

  const deployed = (path: string, environment: Readonly<Record<string, string | { secret: string }>>) =>
    ground.deployed(path, 'greeter', { repository: 'own', image: `${repository}:stable`, environment });
  const rollback = (path: string, more: object = {}): Promise<Answer> =>
    ground.operator.request('POST', '/management/api/deployments/rollback', { domain: 'localhost', path, ...more });
  const greets = async (path: string) => (await ground.call(path, 'greet')).body.data;
  /** Read from the engine by the test itself. */
  const inspected = async (path: string) => {
    const label = [`ploinky.cloud=${cloudId}`, `ploinky.deployment=localhost${path}`];
    const found = await docker.listContainers({ all: true, filters: { label } });
    return Promise.all(found.map(({ Id }) => docker.getContainer(Id).inspect()));
  };
  /** The one container that is left once what was replaced has gone. */
  const only = (path: string) =>
    eventually(`one container of ${path}`, 20, async () => {
      const all = await inspected(path);
      return all.length === 1 ? all[0] : undefined;
    });
  const last = async (path: string, type: string): Promise<EventEnvelope | undefined> =>
    (await ground.events(path)).filter((event) => event.type === type).at(-1);

  /** The engine, the server's own look at it, and the agent itself agree on what runs. */
  async function expectRuns(path: string, release: number, version: 0 | 1, variables: readonly string[]) {
    const image = images[version] as Image;
    const container = await only(path);
    expect(container.Image).toBe(image.imageId);
    expect(container.Config.Labels).toMatchObject({ 'ploinky.release': String(release) });
    expect(container.Config.Env.filter((entry) => /^(SHARED|OLD|NEW|VARIANT)=/.test(entry)).sort()).toEqual(variables);
    const query = `deployment=localhost${path}`;
    const { status, body } = await ground.operator.request('GET', `/management/api/deployments/running?${query}`);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ release, commit: commits[version], differences: [], status: 'running' });
    expect(body.image).toMatchObject({ imageId: image.imageId, digest: image.digest });
    expect(await greets(path)).toBe(version === 0 ? 'first' : 'second');
  }

  beforeAll(async () => {
    const started = await startRegistry();
    if (!('address' in started)) throw new Error(started.unavailable);
    registry = started;
    repository = `${registry.address}/team/shell`;
    files = await TestGround.make();
    host = await TestGround.make();
    remote = await TestRepository.make(files);
    ground = await Ground.make({
      settings: { engine: 'docker', stopGraceMs: 1_000 },
      env: { DOCKER_HOST: `unix://${socketPath}` },
    });
    cloudId = (await ground.state()).cloud.cloud.cloudId;
    commits.push(
      await remote.commit({ 'greeter/manifest.json': manifest, 'greeter/greeting': 'first' }, 'Greet first'),
    );
    const { url } = await serveGit(host, files.folder);
    await ground.addRepository('own', `${url}/remote.git`);
    const variant = (variable: string) => pushVariant(docker, shellImage, { repository, tag: 'stable', variable });

    images.push(await variant('VARIANT=a'));
    await deployed('/demo', { SHARED: '1', OLD: 'yes' });
    commits.push(await remote.commit({ 'greeter/greeting': 'second' }, 'Greet second'));
    images.push(await variant('VARIANT=b'));
    await deployed('/demo', { SHARED: '2', NEW: 'yes' });
  });
  afterAll(async () => {
    await ground?.clear();
    await host?.clear();
    await files?.clear();
    await registry?.stop();
    for (const { imageId } of images)
      await docker
        .getImage(imageId)
        .remove({ force: true })
        .catch(() => undefined);
    const label = [`ploinky.cloud=${cloudId}`];
    const { Volumes: volumes } = await docker.listVolumes();
    const own = (volumes ?? []).filter(({ Name }) => Name.endsWith(cloudId.slice(0, 6).toLowerCase()));
    for (const { Name } of own) await docker.getVolume(Name).remove({ force: true });
    expect(await docker.listContainers({ all: true, filters: { label } })).toEqual([]);
  });

  it('finds the tag on another digest and the environment changed before it begins', async () => {
    expect(images[0]?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(images[1]?.digest).not.toBe(images[0]?.digest);
    await expectRuns('/demo', 2, 1, ['NEW=yes', 'SHARED=2', 'VARIANT=b']);
  });

  it('has the commit that a force-push and gc took from the remote, the digest that the tag left, and the environment of then', async () => {
    git(remote.work, ['checkout', '-q', '--orphan', 'fresh']);
    await remote.commit({ 'greeter/greeting': 'third' }, 'Start over');
    git(remote.bare, ['update-ref', 'refs/heads/main', remote.head()]);
    git(remote.bare, ['reflog', 'expire', '--expire=now', '--all']);
    git(remote.bare, ['gc', '-q', '--prune=now']);
    for (const commit of commits) expect(() => git(remote.bare, ['cat-file', '-e', commit])).toThrow();
    // Our mirror follows the remote, and keeps what releases were made of.
    await ground.operator.request('POST', '/management/api/repositories/sync', { name: 'own' });

    const { status, body } = await rollback('/demo', { reason: 'the second greeting was wrong' });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ outcome: 'deployed', release: 3, target: 1 });
    const differs = body.plan.differences.map(({ what, name }: { what: string; name: string | null }) => name ?? what);
    expect(differs).toEqual(expect.arrayContaining(['commit', 'digest', 'NEW', 'OLD', 'SHARED']));
    await expectRuns('/demo', 3, 0, ['OLD=yes', 'SHARED=1', 'VARIANT=a']);
    expect((await last('/demo', 'release.imageResolved'))?.data).toEqual({
      reference: `${repository}:stable`,
      ...images[0],
    });
    const [requested, rolledBack] = [
      await last('/demo', 'deployment.requested'),
      await last('/demo', 'deployment.rolledBack'),
    ];
    expect(rolledBack?.data).toMatchObject({ release: 3, target: 1, outcome: 'deployed' });
    expect(rolledBack?.trace).toBe(requested?.trace);
  });

  it('to what serves already starts nothing', async () => {
    const before = await only('/demo');
    const { body } = await rollback('/demo', { to: '1' });
    expect(body).toMatchObject({ outcome: 'noop', release: 3, target: 1 });
    expect((await last('/demo', 'deployment.rolledBack'))?.data).toMatchObject({ outcome: 'noop', release: 3 });
    expect((await only('/demo')).Id).toBe(before.Id);
  });

  it('pulls an image that was pruned here by its digest, though its tag names another', async () => {
    expect((await rollback('/demo', { to: '2' })).body).toMatchObject({ release: 4, target: 2 });
    await expectRuns('/demo', 4, 1, ['NEW=yes', 'SHARED=2', 'VARIANT=b']);
    await docker.getImage(images[0]?.imageId ?? '').remove({ force: true });
    const { status, body } = await rollback('/demo', { to: '#1' });
    expect(status, JSON.stringify(body)).toBe(200);
    await expectRuns('/demo', 5, 0, ['OLD=yes', 'SHARED=1', 'VARIANT=a']);
  });

  it('whose target fails its health check leaves what serves; its volume is of today', async () => {
    await deployed('/moody', { MODE: 'strict' });
    await deployed('/moody', { MODE: 'lax' });
    await ground.call('/moody', 'poison');
    const before = await only('/moody');
    await ground.operator.set({ agentStartTimeoutMs: 3_000 });
    const answer = await rollback('/moody');
    await ground.operator.set({ agentStartTimeoutMs: 60_000 });
    expectProblem(answer, 'NOT_HEALTHY');
    expect(answer.body.message).toContain('I sulk');
    const failed = await last('/moody', 'deployment.rollbackFailed');
    expect(failed?.data).toMatchObject({ release: 3, target: 1, stage: 'health' });
    expect((await last('/moody', 'release.failed'))?.seq).toBe((failed?.seq ?? 0) - 1);
    const after = await only('/moody');
    expect([after.Id, after.State.Running]).toEqual([before.Id, true]);
    expect((await ground.call('/moody', 'look')).body.data).toBe('poison');
    expect(await last('/moody', 'deployment.rolledBack')).toBeUndefined();
  });

  it('has the secret version of then, or that of now; one that was destroyed is named before anything starts', async () => {
    const secret = (path: string, body: object) =>
      ground.operator.request('POST', `/management/api/secrets${path}`, body);
    const token = async () => (await only('/vault')).Config.Env.find((entry) => entry.startsWith('TOKEN='));
    const deploySecret = () => deployed('/vault', { TOKEN: { secret: 'token' } });
    expect((await secret('', { name: 'token', value: 'value-of-one' })).status).toBe(200);
    await deploySecret();
    expect((await secret('/token/rotate', { value: 'value-of-two' })).status).toBe(200);
    await deploySecret();
    expect(await token()).toBe('TOKEN=value-of-two');

    expect((await rollback('/vault')).body).toMatchObject({ release: 3, target: 1, plan: { secrets: { token: 1 } } });
    expect(await token()).toBe('TOKEN=value-of-one');
    expect((await rollback('/vault', { to: '1', secrets: 'now' })).body).toMatchObject({
      release: 4,
      target: 1,
      outcome: 'deployed',
      plan: { secrets: { token: 2 } },
    });
    expect(await token()).toBe('TOKEN=value-of-two');

    const before = await only('/vault');
    const removed = await ground.operator.request('DELETE', '/management/api/secrets/token?force=true');
    expect(removed.status, JSON.stringify(removed.body)).toBe(200);
    // Not the head of the log: what was drained before may still be on its way out.
    const decided = async () =>
      (await ground.events('/vault')).filter(({ type }) => /^(deployment|release)\./.test(type));
    const known = await decided();
    expectProblem(await rollback('/vault', { to: '3' }), 'SECRET_DESTROYED');
    expect(await decided()).toEqual(known);
    await secret('', { name: 'token', value: 'value-of-three' });
    const refused = await rollback('/vault', { to: '3' });
    expectProblem(refused, 'SECRET_DESTROYED');
    expect(refused.body.error.hint).toContain('--secrets now');
    expect((await only('/vault')).Id).toBe(before.Id);
    expect((await rollback('/vault', { to: '3', secrets: 'now' })).body).toMatchObject({ release: 5, target: 3 });
    expect(await token()).toBe('TOKEN=value-of-three');
    const query = 'deployment=localhost/vault';
    const { body } = await ground.operator.request('GET', `/management/api/deployments/running?${query}`);
    expect(body).toMatchObject({ differences: [], secrets: { token: 3 } });
    expect(body.environment).toContain('TOKEN');
    expect(JSON.stringify([body, await ground.events('/vault')])).not.toContain('value-of');
  });

  it('keeps order and names from release 255 to 256 and back', async () => {
    await ground.server.kill('SIGTERM');
    await scriptReleases(ground.server.dir, '/many', { ...config, agent: 'greeter' }, 254);
    await ground.server.start();
    await deployed('/many', { SHARED: '255' });
    const name = (await only('/many')).Name;
    expect(name).toMatch(/^\/ploinky-localhost-many-255-/);
    await deployed('/many', { SHARED: '256' });
    expect((await only('/many')).Name).toBe(name.replace('-255-', '-256-'));
    const { body } = await rollback('/many');
    expect(body).toMatchObject({ release: 257, target: 255 });
    const container = await only('/many');
    expect(container.Name).toBe(name.replace('-255-', '-257-'));
    expect(container.Config.Env).toContain('SHARED=255');
    expectProblem(await rollback('/many', { to: '254' }), 'RELEASE_NEVER_SERVED');
  });

  describe('with the Git remote and the registry down', () => {
    beforeAll(async () => {
      await host.clear();
      await registry.stop();
      await expect(fetch(`http://${registry.address}/v2/`)).rejects.toThrow();
    });

    it('works as before', async () => {
      const { status, body } = await rollback('/demo', { to: '2' });
      expect(status, JSON.stringify(body)).toBe(200);
      await expectRuns('/demo', 6, 1, ['NEW=yes', 'SHARED=2', 'VARIANT=b']);
    });

    it('says that an image is gone everywhere, and leaves what serves', async () => {
      const before = await only('/demo');
      await docker.getImage(images[0]?.imageId ?? '').remove({ force: true });
      const answer = await rollback('/demo', { to: '1' });
      expectProblem(answer, 'IMAGE_PULL_FAILED');
      expect(answer.body.message).toContain('is not in docker any more, and its registry does not give it');
      expect(answer.body.error.details).toMatchObject({ stage: 'image', release: 7 });
      expect((await last('/demo', 'deployment.rollbackFailed'))?.data).toMatchObject({ stage: 'image', target: 1 });
      expect((await only('/demo')).Id).toBe(before.Id);
      expect(await greets('/demo')).toBe('second');
    });
  });
});
