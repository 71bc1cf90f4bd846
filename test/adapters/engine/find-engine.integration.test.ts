import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findDockerEngine } from '../../../adapters/docker/find-docker-engine.ts';
import { engineNotFound } from '../../../adapters/engine/find-engine.ts';
import { findPodmanEngine } from '../../../adapters/podman/find-podman-engine.ts';
import { soon } from './live-fixture.ts';
import { type ScriptedEngine, startScriptedEngine } from './scripted-engine.ts';

let docker: ScriptedEngine;
let podman: ScriptedEngine;
beforeEach(async () => {
  docker = await startScriptedEngine('docker');
  podman = await startScriptedEngine('podman');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await docker.stop();
  await podman.stop();
});

function on(environment: Record<string, string>) {
  const machine = { environment, home: '/nowhere', user: { uid: 4_000_000, gid: 4_000_000 } };
  return { cloudId: 'c1', signal: soon(), machine };
}

describe('looking for Docker', () => {
  test('finds it where DOCKER_HOST says', async () => {
    const host = `unix://${docker.socketPath}`;
    const search = await findDockerEngine(on({ DOCKER_HOST: host }));
    expect(search.tried).toEqual([]);
    expect(search.engine).toMatchObject({ name: 'docker', endpoint: host });
    expect(await search.engine?.version(soon())).toBe('20.10.24+dfsg1');
    await search.engine?.close();
  });

  test('does not take Podman for it', async () => {
    const host = `unix://${podman.socketPath}`;
    const search = await findDockerEngine(on({ DOCKER_HOST: host }));
    expect(search.engine).toBeNull();
    expect(search.tried).toEqual([{ host, reason: `DOCKER_HOST: Podman answers at ${host}.` }]);
  });

  test('tells why for every place', async () => {
    const file = path.join(path.dirname(docker.socketPath), 'no-socket');
    writeFileSync(file, '');
    for (const [host, reason] of [
      ['unix:///no/such.sock', 'no socket at /no/such.sock'],
      [`unix://${file}`, `no socket at ${file}`],
      ['ssh://me@host', 'ssh:// cannot be used'],
      ['tcp://127.0.0.1:1', 'ECONNREFUSED'],
    ] as const) {
      const search = await findDockerEngine(on({ DOCKER_HOST: host }));
      expect(search.engine).toBeNull();
      const error = engineNotFound('docker', search.tried);
      expect(error).toMatchObject({ code: 'ENGINE_UNAVAILABLE', message: expect.stringContaining(reason) });
      expect(error.message).toMatch(/^Docker is not there: DOCKER_HOST: .*[^.]\.$/);
    }
  });

  test('a socket that answers nonsense is no engine', async () => {
    docker.on('GET /version', { status: 500, json: { message: 'broken' } });
    const search = await findDockerEngine(on({ DOCKER_HOST: `unix://${docker.socketPath}` }));
    expect(search.tried[0]?.reason).toContain('broken');
  });

  test('without DOCKER_HOST names every place that it tried', async () => {
    const places = { HOME: '/nowhere', XDG_RUNTIME_DIR: '/nowhere' };
    const search = await findDockerEngine(on(places));
    const hosts = search.tried.map((one) => one.host);
    if (search.engine === null) expect(hosts).toHaveLength(4);
    else expect(search.engine.name).toBe('docker');
    await search.engine?.close();
  });
});

describe('looking for Podman', () => {
  test('finds it where CONTAINER_HOST says', async () => {
    const search = await findPodmanEngine(on({ CONTAINER_HOST: `unix://${podman.socketPath}` }));
    expect(search.engine).toMatchObject({ name: 'podman' });
    await search.engine?.close();
  });

  test('finds it at a place of Docker', async () => {
    const search = await findPodmanEngine(
      on({ DOCKER_HOST: `unix://${podman.socketPath}`, XDG_RUNTIME_DIR: '/nowhere' }),
    );
    expect(search.engine?.name).toBe('podman');
    await search.engine?.close();
  });

  test('goes to the place that was found, whatever the shell has set for Docker', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    const search = await findPodmanEngine(on({ CONTAINER_HOST: `unix://${podman.socketPath}` }));
    expect(await search.engine?.version(soon())).toBe('4.3.1');
    await search.engine?.close();
  });

  test('finds it on TCP too', async () => {
    const forward = createServer((one) => {
      const other = connect(podman.socketPath);
      one.pipe(other).pipe(one);
      one.on('error', () => other.destroy());
      other.on('error', () => one.destroy());
    });
    await new Promise<void>((resolve) => forward.listen(0, '127.0.0.1', resolve));
    const { port } = forward.address() as AddressInfo;
    const search = await findPodmanEngine(on({ CONTAINER_HOST: `tcp://127.0.0.1:${port}` }));
    expect(search.engine).toMatchObject({ name: 'podman', endpoint: `tcp://127.0.0.1:${port}` });
    await search.engine?.close();
    await new Promise((resolve) => forward.close(resolve));
  });

  test('does not take Docker for it', async () => {
    const search = await findPodmanEngine(on({ CONTAINER_HOST: `unix://${docker.socketPath}` }));
    expect(search.engine).toBeNull();
    expect(engineNotFound('podman', search.tried).message).toContain('Docker answers at');
  });
});
