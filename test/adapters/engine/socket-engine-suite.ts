import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../adapters/engine/engine-port.ts';
import { nodeImage, shellImage } from '../../engines/base-images.ts';
import { type LiveFixture, makeLiveFixture, openLiveEngine, soon } from './live-fixture.ts';

/** What both container engines must do beyond the contract that plain processes fulfil too. */
export function socketEngineSuite(kind: 'docker' | 'podman', socketPath: string): void {
  let live: LiveFixture;
  let engine: Engine;
  let folder: string;
  beforeAll(async () => {
    live = await makeLiveFixture(kind, socketPath);
    engine = live.engine;
    folder = mkdtempSync(path.join(tmpdir(), 'pk-'));
  });
  afterAll(async () => {
    await live?.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = (program: string, changes: Parameters<LiveFixture['spec']>[0] = {}) =>
    engine.runOnce(live.spec({ command: ['sh', '-c', program], ...changes }), { signal: soon() });
  const inspect = (name: string) => live.raw.getContainer(name).inspect();

  // Podman never makes a second one.
  if (kind === 'docker') {
    test.runIf(kind === 'docker')(
      'of several networks with one name the oldest of ours is used, and the others go',
      async () => {
        const name = `ploinky-double-${randomBytes(4).toString('hex')}`;
        const labels = { 'ploinky.cloud': live.cloudId, 'ploinky.deployment': 'localhost/demo' };
        const make = () => live.raw.createNetwork({ Name: name, Labels: labels, Driver: 'bridge' });
        const [first] = [await make(), await make()];
        const wanted = { name, deployment: 'localhost/demo' };
        const found = await engine.networks?.ensure(wanted, { create: true, signal: soon() });
        expect(found?.engineId).toBe(first?.id);
        const left = await live.raw.listNetworks({ filters: { name: [name] } });
        expect(left.map(({ Id }) => Id)).toEqual([first?.id]);
        await engine.networks?.remove(name, soon());
      },
    );
  }

  describe('limits', () => {
    test('reach the engine', async () => {
      const spec = live.spec({ memoryBytes: 64 * 1024 * 1024, cpus: 0.5, pidsLimit: 32 });
      await engine.start(spec, soon());
      const { HostConfig: host } = await inspect(spec.name);
      expect(host.Memory).toBe(64 * 1024 * 1024);
      expect(host.MemorySwap).toBe(64 * 1024 * 1024);
      expect(host.NanoCpus).toBe(500_000_000);
      expect(host.PidsLimit).toBe(32);
      expect(host.RestartPolicy?.Name).toBe('no');
    });

    test('that are usual reach it too', async () => {
      const usual = {
        memoryBytes: 96 * 1024 * 1024,
        cpus: 0.5,
        pids: 48,
        cpuShares: 512,
        cpuPeriodMs: 10,
        oomScoreAdj: 500,
      };
      const spec = { ...live.spec({}), usual };
      await engine.start(spec, soon());
      const { HostConfig: host } = await inspect(spec.name);
      expect(host).toMatchObject({ Memory: usual.memoryBytes, MemorySwap: usual.memoryBytes, PidsLimit: 48 });
      expect(host).toMatchObject({ CpuPeriod: 10_000, CpuQuota: 5_000, CpuShares: 256, OomScoreAdj: 500 });
    });

    test('leave no way to the host', async () => {
      const spec = live.spec({ network: 'bridge', mounts: [bind(folder, '/shared')] });
      await engine.start(spec, soon());
      const answer = await inspect(spec.name);
      const host = answer.HostConfig;
      expect(host.Privileged).toBe(false);
      expect(host.SecurityOpt).toContain('no-new-privileges');
      expect(host.Devices ?? []).toEqual([]);
      expect(host.CapDrop ?? []).not.toEqual([]);
      expect(host.CapAdd ?? []).toEqual([]);
      for (const mode of [host.PidMode, host.IpcMode, host.NetworkMode, host.UTSMode, host.UsernsMode]) {
        expect(mode ?? '').not.toBe('host');
      }
      expect(answer.Mounts.map((mount) => mount.Destination)).toEqual(['/shared']);
    });

    test('hold inside', async () => {
      const { output } = await run('grep -E "^(Cap|NoNewPrivs)" /proc/self/status; id -u; id -g');
      const status = Object.fromEntries(
        [...output.matchAll(/^(\w+):\s+(\w+)$/gm)].map((match) => [match[1], match[2]]),
      );
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
        expect(status[set]).toBe('0000000000000000');
      expect(status.NoNewPrivs).toBe('1');
      expect(output.trim().split('\n').slice(-2)).toEqual([`${process.getuid?.()}`, `${process.getgid?.()}`]);
    });

    test('stop a program that forks without end', async () => {
      const { output } = await run('for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done; echo all', {
        pidsLimit: 8,
      });
      expect(output).not.toContain('all');
    });

    test('one that somebody paused is listed as such, runs no command, and is resumed or stopped all the same', async () => {
      const spec = live.spec();
      await engine.start(spec, soon());
      const container = live.raw.getContainer(spec.name);
      const listed = async () => (await engine.list(soon())).find(({ name }) => name === spec.name)?.status;
      await container.pause();
      expect(await listed()).toBe('paused');
      expect((await engine.inspect(spec.name, soon()))?.status).toBe('paused');
      expect(await engine.exec(spec.name, 'true', { timeoutMs: 20_000, signal: soon() })).toBeNull();
      expect(await engine.resume(spec.name, soon())).toBe(true);
      expect(await listed()).toBe('running');
      await container.pause();
      expect(await engine.stop(spec.name, { graceMs: 20_000, signal: soon() })).toEqual({ exitCode: 0 });
    });

    test('a program that takes too much memory is seen as killed for it', async () => {
      const spec = live.spec({
        image: nodeImage,
        command: ['node', '-e', 'const all=[]; for(;;) all.push(Buffer.alloc(1<<20,1))'],
        memoryBytes: 48 * 1024 * 1024,
      });
      await engine.start(spec, soon());
      await ended(spec.name);
      const seen = (await engine.list(soon())).find((container) => container.name === spec.name);
      expect(seen).toMatchObject({ status: 'exited', exitCode: 137 });
      // Podman 4 with runc on cgroups v1 does not notice; what it does not say is not guessed.
      if (kind === 'docker') expect(seen?.oomKilled).toBe(true);
    });
  });

  describe('mounts', () => {
    test('are written as the user of the server', async () => {
      const outcome = await run('echo hello > /data/file && cat /data/file', { mounts: [bind(folder, '/data')] });
      expect(outcome).toEqual({ exitCode: 0, output: 'hello\n' });
      expect(statSync(path.join(folder, 'file')).uid).toBe(process.getuid?.());
    });

    test('keep what is in a named volume, which carries our label', async () => {
      const name = `ploinky-test-${randomBytes(6).toString('hex')}`;
      const mounts = [{ kind: 'volume' as const, source: name, target: '/data', readOnly: false }];
      expect((await run('echo kept > /data/file', { mounts })).exitCode).toBe(0);
      expect((await run('cat /data/file', { mounts })).output).toBe('kept\n');
      const volume = live.raw.getVolume(name);
      expect((await volume.inspect()).Labels).toEqual({ 'ploinky.cloud': live.cloudId });
      await volume.remove();
    });

    test('are writable for a server that is not root, volumes too, and its helper is gone', async () => {
      const user = { uid: 1234, gid: 1234 };
      const plain = await openLiveEngine(kind, socketPath, live.cloudId, user);
      const name = `ploinky-test-${randomBytes(6).toString('hex')}`;
      const spec = live.spec({
        command: ['sh', '-c', 'id -u; echo mine > /data/file && cat /data/file'],
        mounts: [{ kind: 'volume', source: name, target: '/data', readOnly: false }],
      });
      expect(await plain.runOnce(spec, { signal: soon() })).toEqual({ exitCode: 0, output: '1234\nmine\n' });
      expect(await plain.runOnce(spec, { signal: soon() })).toEqual({ exitCode: 0, output: '1234\nmine\n' });
      const names = (await live.raw.listContainers({ all: true })).flatMap((container) => container.Names);
      expect(names.filter((one) => one.includes(spec.name))).toEqual([]);
      await live.raw.getVolume(name).remove();
      await plain.close();
    });

    test('that do not exist are an error, not a new folder', async () => {
      const missing = path.join(folder, 'missing');
      await expect(run('true', { mounts: [bind(missing, '/data')] })).rejects.toMatchObject({ code: 'START_FAILED' });
      expect(() => statSync(missing)).toThrow();
    });

    test('carry a unix socket out of a container without network', async () => {
      const program = `require("node:http").createServer((q, a) => a.end("over the socket")).listen("/run/ploinky/agent.sock")`;
      const spec = live.spec({
        image: nodeImage,
        command: ['node', '-e', program],
        mounts: [bind(folder, '/run/ploinky')],
      });
      await engine.start(spec, soon());
      expect(await answerOf({ socketPath: path.join(folder, 'agent.sock') })).toBe('over the socket');
      expect((await run('cat /proc/net/dev')).output).not.toContain('eth0');
    });
  });

  test('a published port answers on loopback', async () => {
    const program = `require("node:http").createServer((q, a) => a.end("over tcp")).listen(7070, "0.0.0.0")`;
    const spec = live.spec({
      image: nodeImage,
      command: ['node', '-e', program],
      network: 'bridge',
      publishPort: 7070,
    });
    const started = await engine.start(spec, soon());
    expect(started.hostPort).toBeGreaterThan(0);
    expect(await answerOf({ host: '127.0.0.1', port: started.hostPort as number })).toBe('over tcp');
    expect((await engine.start(spec, soon())).hostPort).toBe(started.hostPort);
    const seen = (await engine.list(soon())).find((container) => container.name === spec.name);
    expect(seen?.hostPort).toBe(started.hostPort);
  });

  describe('start', () => {
    test('takes the command as it is, whatever entry point the image has', async () => {
      const stranger = await live.foreign(`stranger-${randomBytes(6).toString('hex')}`);
      const made = await stranger.commit({ changes: 'ENTRYPOINT ["/bin/echo", "from the image"]' });
      const image = `sha256:${made.Id.replace('sha256:', '')}`;
      expect((await live.raw.getImage(image).inspect()).Config.Entrypoint).toEqual(['/bin/echo', 'from the image']);
      const outcome = await engine.runOnce(live.spec({ image, command: ['echo', 'ours'] }), { signal: soon() });
      expect(outcome).toEqual({ exitCode: 0, output: 'ours\n' });
      await live.raw.getImage(image).remove({ force: true });
    });

    test('in a folder that does not exist in the image makes it', async () => {
      const { output } = await run('pwd', { workingDirectory: '/some/where' });
      expect(output).toBe('/some/where\n');
    });

    test('of an image that is not there says so', async () => {
      const image = `sha256:${'0'.repeat(64)}`;
      await expect(engine.start(live.spec({ image }), soon())).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
      await expect(engine.resolveImage(image, { signal: soon() })).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    });
  });

  describe('what is not ours', () => {
    test('keeps its name', async () => {
      const spec = live.spec();
      const stranger = await live.foreign(spec.name);
      const { Id, State } = await stranger.inspect();
      await expect(engine.start(spec, soon())).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      await expect(engine.runOnce(spec, { signal: soon() })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      expect(await inspect(spec.name)).toMatchObject({ Id, State: { Running: true, StartedAt: State.StartedAt } });
    });

    test.each([
      ['without a label', {}],
      [
        'of another cloud',
        { 'ploinky.cloud': 'another', 'ploinky.deployment': 'localhost/demo', 'ploinky.release': '1' },
      ],
    ])('is never listed, stopped, removed or read: %s', async (_, labels) => {
      const name = `stranger-${randomBytes(6).toString('hex')}`;
      const stranger = await live.foreign(name, labels);
      expect((await engine.list(soon())).map((container) => container.name)).not.toContain(name);
      expect(await engine.stop(name, { graceMs: 0, signal: soon() })).toBeNull();
      expect(await engine.remove(name, soon())).toBe(false);
      expect(await engine.output(name, { tailLines: 10, signal: soon() })).toBe('');
      expect((await stranger.inspect()).State.Running).toBe(true);
    });

    test('is not found by the beginning of an id either', async () => {
      const spec = live.spec();
      const { engineId } = await engine.start(spec, soon());
      expect(await engine.remove(engineId.slice(0, 12), soon())).toBe(false);
      expect((await inspect(spec.name)).State.Running).toBe(true);
    });
  });

  test('a local image is known by name, full name and id', async () => {
    const resolved = await engine.resolveImage(shellImage, { signal: soon() });
    expect(resolved.reference).toBe(shellImage);
    expect(resolved.imageId).toMatch(/^sha256:[0-9a-f]{64}$/);
    const byId = await engine.resolveImage(resolved.imageId, { signal: soon() });
    expect(byId.imageId).toBe(resolved.imageId);
    const started = await engine.start(live.spec({ image: resolved.imageId }), soon());
    expect(started.adopted).toBe(false);
  });

  test('says its version', async () => {
    expect(await engine.version(soon())).toMatch(/^\d+\.\d+/);
    expect(engine.endpoint).toBe(`unix://${socketPath}`);
    expect(engine.name).toBe(kind);
  });

  /** Waits for the end of a container by way of the engine itself. */
  async function ended(name: string): Promise<void> {
    await live.raw.getContainer(name).wait();
  }
}

function bind(source: string, target: string) {
  return { kind: 'bind' as const, source, target, readOnly: false };
}

/** The answer to GET /, asked again until something listens. */
async function answerOf(target: { socketPath: string } | { host: string; port: number }): Promise<string> {
  for (;;) {
    const answer = await new Promise<string | null>((resolve) => {
      const call = request({ ...target, path: '/', agent: false, timeout: 1_000 }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      });
      call.on('timeout', () => call.destroy());
      call.on('error', () => resolve(null));
      call.end();
    });
    if (answer !== null) return answer;
    await nextTurn();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
