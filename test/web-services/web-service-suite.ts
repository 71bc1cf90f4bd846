import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../crash/operator.ts';
import { Ground } from '../trouble/ground.ts';

/** Web services on a real engine, killed in every way. */
export function webServiceSuite(engine: 'docker' | 'podman', image: string, socketPath: string): void {
  const docker = new Docker({ socketPath });
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.make({
      settings: { engine, defaultImage: image },
      env: engine === 'docker' ? { DOCKER_HOST: `unix://${socketPath}` } : { CONTAINER_HOST: `unix://${socketPath}` },
    });
  });
  afterAll(() => ground?.clear());

  const get = (path: string) => fetch(ground.server.url + path);
  const greeting = async (path: string) => {
    const answer = await get(path);
    return answer.status === 200 ? answer.json() : undefined;
  };
  /** The port that the engine published, asked of the engine by the test itself. */
  const published = async (path: string) => {
    const label = [`ploinky.deployment=localhost${path}`];
    const [found] = await docker.listContainers({ filters: { label } });
    return { id: found?.Id ?? '', port: found?.Ports.find(({ IP }) => IP === '127.0.0.1')?.PublicPort };
  };
  const healthy = async (path: string) => {
    const all = (await ground.events(path)).filter(({ type }) => type === 'container.healthy');
    return all.map(({ data }) => (data as { port: number | null }).port);
  };

  it('is found again when its container, and when the server, was started again', async () => {
    await ground.deployed('/app', 'node-app');
    expect(await greeting('/app/hello?name=you')).toEqual({ message: 'Hello, you!' });
    const { id, port } = await published('/app');
    expect(await healthy('/app')).toEqual([port]);

    await docker.getContainer(id).kill();
    await eventually('the return of the container', 30, async () =>
      (await healthy('/app')).length > 1 ? true : undefined,
    );
    expect(await greeting('/app/hello?name=again')).toEqual({ message: 'Hello, again!' });
    expect((await healthy('/app')).at(-1)).toBe((await published('/app')).port);

    await ground.server.kill();
    await ground.server.start();
    expect(await eventually('the return of the server', 30, () => greeting('/app/hello?name=you'))).toEqual({
      message: 'Hello, you!',
    });
  });

  it('that listens on its socket is reached there', async () => {
    const command = `exec node -e 'require("http").createServer((q, r) => r.end(process.env.PLOINKY_SOCKET)).listen(process.env.PLOINKY_SOCKET)'`;
    await ground.deployed('/socket', 'node-app', { command });
    expect(await (await get('/socket')).text()).toBe('/run/ploinky/web.sock');
    expect(await healthy('/socket')).toEqual([null]);
    const { id } = await published('/socket');
    await docker.getContainer(id).kill();
    await eventually('the return of the container', 30, async () =>
      (await healthy('/socket')).length > 1 ? true : undefined,
    );
    expect((await get('/socket')).status).toBe(200);
  });
}
