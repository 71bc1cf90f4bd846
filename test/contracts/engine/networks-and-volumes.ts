import { expect, test } from 'vitest';
import type { Mount } from '../../../adapters/engine/engine-port.ts';
import { type EngineGround, newName, soon } from './ground.ts';

/** Part of the contract of every engine: what outlives a container. */
export function networksAndVolumes(ground: EngineGround): void {
  const { shell, run } = ground;
  const networks = () => {
    const given = ground.fixture.engine.networks;
    if (given === null) throw new Error('this engine has no networks');
    return given;
  };

  test('a private network is made once and found again', async (context) => {
    context.skip(!ground.fixture.supports.networkNone, 'this engine has no networks');
    const wanted = { name: newName(), deployment: 'localhost/demo' };
    expect(await networks().ensure(wanted, { create: false, signal: soon() })).toBeNull();
    const all = await Promise.all([1, 2, 3].map(() => networks().ensure(wanted, { create: true, signal: soon() })));
    expect(new Set(all.map(({ engineId }) => engineId)).size).toBe(1);
    expect(all[0]).toMatchObject({ ...wanted, subnets: [expect.stringMatching(/^[\d.]+\/\d+$/)], metadata: 'closed' });
    expect(await networks().ensure(wanted, { create: false, signal: soon() })).toEqual(all[0]);
    const listed = { ...wanted, engineId: all[0]?.engineId };
    expect(await networks().list(soon())).toContainEqual(listed);
    expect(await ground.fixture.otherCloud.engine.networks?.list(soon())).not.toContainEqual(listed);
    expect(await networks().remove(wanted.name, soon())).toBe(true);
    expect(await networks().remove(wanted.name, soon())).toBe(false);
    expect(await networks().ensure(wanted, { create: false, signal: soon() })).toBeNull();
  });

  test('a network of another cloud keeps its name and stays', async (context) => {
    context.skip(!ground.fixture.supports.networkNone, 'this engine has no networks');
    const other = ground.fixture.otherCloud.engine.networks;
    const wanted = { name: newName(), deployment: 'localhost/demo' };
    await other?.ensure(wanted, { create: true, signal: soon() });
    const taken = { code: 'NAME_TAKEN' };
    await expect(networks().ensure(wanted, { create: true, signal: soon() })).rejects.toMatchObject(taken);
    expect(await networks().remove(wanted.name, soon())).toBe(false);
    expect(await other?.remove(wanted.name, soon())).toBe(true);
  });

  test('a container in a private network has no way to metadata of the machine', async (context) => {
    context.skip(!ground.fixture.supports.networkNone, 'this engine has no networks');
    const wanted = { name: newName(), deployment: 'localhost/demo' };
    const { metadata } = await networks().ensure(wanted, { create: true, signal: soon() });
    expect(metadata).toBe('closed');
    const { output } = await run('cat /proc/net/dev', { network: wanted.name });
    expect(output).toContain('eth0');
    await networks().remove(wanted.name, soon());
  });

  test('a volume is made once, listed with its size, and goes when it is named', async () => {
    const { volumes } = ground.fixture.engine;
    const wanted = { name: newName(), deployment: 'localhost/demo', volume: 'data' };
    expect(await volumes.ensure(wanted, { create: false, signal: soon() })).toBeNull();
    expect(await volumes.ensure(wanted, { create: true, signal: soon() })).toEqual({ found: false });
    const mounts: Mount[] = [{ kind: 'volume', source: wanted.name, target: '/data', readOnly: false }];
    expect((await run('echo kept > /data/file', { mounts })).exitCode).toBe(0);
    expect(await volumes.ensure(wanted, { create: true, signal: soon() })).toEqual({ found: true });
    const listed = (await volumes.list(soon())).find(({ name }) => name === wanted.name);
    expect(listed).toEqual({ name: wanted.name, sizeBytes: expect.any(Number) });
    expect(await volumes.remove(wanted.name, soon())).toBe(true);
    expect(await volumes.remove(wanted.name, soon())).toBe(false);
    expect(await volumes.ensure(wanted, { create: true, signal: soon() })).toEqual({ found: false });
    expect((await run('cat /data/file', { mounts })).exitCode).not.toBe(0);
    await volumes.remove(wanted.name, soon());
  });

  test('a volume in use stays, where the engine can tell', async (context) => {
    context.skip(!ground.fixture.supports.isolation, 'this engine does not know what uses it');
    const { engine } = ground.fixture;
    const name = newName();
    const mounts: Mount[] = [{ kind: 'volume', source: name, target: '/data', readOnly: false }];
    const wanted = shell('while :; do sleep 0.05; done', { mounts });
    await engine.start(wanted, soon());
    await expect(engine.volumes.remove(name, soon())).rejects.toMatchObject({ code: 'VOLUME_IN_USE' });
    await engine.remove(wanted.name, soon());
    expect(await engine.volumes.remove(name, soon())).toBe(true);
  });
}
