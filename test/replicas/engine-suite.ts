import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../crash/operator.ts';
import { nodeImage } from '../engines/base-images.ts';
import { Ground } from '../trouble/ground.ts';
import { makeLedgerRepository } from './ledger-agent.ts';

const variable = { docker: 'DOCKER_HOST', podman: 'CONTAINER_HOST' } as const;

/** Several containers of one release on a real engine, seen through its own inspection. */
export function replicasSuite(name: 'docker' | 'podman', socketPath: string): void {
  const engine = new Docker({ socketPath });
  let ground: Ground;
  let cloudId = '';

  const listed = () => engine.listContainers({ all: true, filters: { label: [`ploinky.cloud=${cloudId}`] } });
  const nameOf = (replica: number) => {
    const which = replica === 1 ? '1' : `1.${replica}`;
    return `ploinky-localhost-many-${which}-${cloudId.slice(0, 6).toLowerCase()}`;
  };
  const healthy = (count: number) =>
    eventually(`${count} healthy replicas`, 60, async () => {
      const { body } = await ground.operator.request('GET', '/management/api/deployments');
      return body.deployments[0].healthy === count ? true : undefined;
    });
  const scale = (replicas: number) =>
    ground.operator.request('POST', '/management/api/deployments/scale', {
      domain: 'localhost',
      path: '/many',
      replicas,
    });

  async function answering(times: number): Promise<number[]> {
    const found = new Set<number>();
    for (let i = 0; i < times; i += 1) {
      const { status, body } = await ground.call('/many', 'who');
      expect(status, JSON.stringify(body)).toBe(200);
      found.add(body.data.replica);
    }
    return [...found].sort();
  }

  beforeAll(async () => {
    ground = await Ground.make({
      settings: { engine: name, defaultImage: nodeImage, stopGraceMs: 5_000 },
      env: { [variable[name]]: `unix://${socketPath}` },
    });
    cloudId = (await ground.state()).cloud.cloud.cloudId;
    await ground.addRepository('own', makeLedgerRepository(join(ground.folder, 'r')));
    await ground.deployed('/many', 'inTurn', { replicas: 2 });
  });
  afterAll(async () => {
    await ground?.clear();
    if (cloudId) expect(await listed()).toEqual([]);
  });

  it('each has a name, a socket and a queue of its own; the checkout is one', async () => {
    expect((await listed()).map(({ Names }) => Names[0]?.replace(/^\//, '')).sort()).toEqual(
      [nameOf(1), nameOf(2)].sort(),
    );
    const mounts = await Promise.all(
      [1, 2].map(async (replica) => {
        const { Mounts } = await engine.getContainer(nameOf(replica)).inspect();
        return Object.fromEntries(Mounts.map(({ Destination, Source }) => [Destination, Source]));
      }),
    );
    const different = (at: string) => mounts[0]?.[at] !== mounts[1]?.[at];
    expect(['/agent', '/run/ploinky', '/agent/.ploinky/queue'].map(different)).toEqual([false, true, true]);
    expect(await answering(4)).toEqual([1, 2]);
  });

  it('one that was killed is passed over, and comes back', async () => {
    await engine.getContainer(nameOf(2)).kill();
    await healthy(1);
    expect(await answering(3)).toEqual([1]);
    await healthy(2);
    expect(await answering(4)).toEqual([1, 2]);
  });

  it('scaled down while calls run, every call is answered and the container is gone', async () => {
    const calls = Array.from({ length: 20 }, (_, i) => ground.call('/many', 'work', [`w${i}`, 'go']));
    await eventually('twenty open calls', 30, async () => {
      return Object.keys((await ground.state()).tasks).length === 20 ? true : undefined;
    });
    const scaled = scale(1);
    await ground.happened('/many', 'container.stopRequested');
    writeFileSync(join(ground.data, 'agents', 'localhost-many', '1', 'code', 'go'), '');
    const answers = await Promise.all(calls);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect([1, 2].map((n) => answers.filter(({ body }) => body.data === n).length)).toEqual([10, 10]);
    expect((await scaled).status).toBe(200);
    expect(await listed()).toHaveLength(1);
  });

  it('is reported by the engine as what the log says', async () => {
    expect((await scale(2)).status).toBe(200);
    const query = 'deployment=localhost/many';
    const { body } = await ground.operator.request('GET', `/management/api/deployments/running?${query}`);
    expect(body).toMatchObject({ status: 'running', differences: [] });
    expect(body.containers).toEqual([1, 2].map((replica) => ({ name: nameOf(replica), replica, status: 'running' })));
  });
}
