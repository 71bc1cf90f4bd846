import { expect, it, vi } from 'vitest';
import type { Engine } from '../../../adapters/engine/engine-port.ts';
import { OneAtATime } from '../../../adapters/engine/one-at-a-time.ts';
import { removeLeftNetworks } from '../../../adapters/pipeline/left-networks.ts';
import { streamOfNetwork } from '../../../adapters/pipeline/ready-network.ts';
import type { World } from '../../../adapters/pipeline/world.ts';

const soon = () => AbortSignal.timeout(5_000);

/** An engine with these networks of ours, beside a log that has some of them. */
function ground(inEngine: readonly string[], inLog: readonly string[]) {
  const networks = new Map(inLog.map((name) => [`docker/${name}`, {}]));
  const turns = new OneAtATime();
  const remove = vi.fn(async () => true);
  const list = async () => inEngine.map((name) => ({ name, engineId: name, deployment: 'localhost/demo' }));
  const engine = { name: 'docker', networks: { list, remove } } as unknown as Engine;
  const world = { views: { networks }, turns, logger: { warn: vi.fn() } } as unknown as World;
  return { networks, turns, remove, engine, world };
}

it('removes what an engine made after nobody waited for it any more, and nothing that the log has', async () => {
  const { remove, engine, world } = ground(['late', 'used'], ['used']);
  await removeLeftNetworks(world, engine, soon());
  expect(remove.mock.calls.map(([name]: unknown[]) => name)).toEqual(['late']);
});

it('removes the others where one cannot be removed', async () => {
  const { remove, engine, world } = ground(['held', 'late'], []);
  remove.mockRejectedValueOnce(new Error('It has active endpoints.'));
  await removeLeftNetworks(world, engine, soon());
  expect(remove.mock.calls.map(([name]: unknown[]) => name)).toEqual(['held', 'late']);
});

it('leaves one alone that is asked for while it has its turn', async () => {
  const { networks, turns, remove, engine, world } = ground(['late'], []);
  const wanted = turns.run(streamOfNetwork('docker/late'), async () => {
    await Promise.resolve();
    networks.set('docker/late', {});
  });
  await Promise.all([wanted, removeLeftNetworks(world, engine, soon())]);
  expect(remove).not.toHaveBeenCalled();
});

it('does nothing where an engine has no networks', async () => {
  const { world } = ground([], []);
  await removeLeftNetworks(world, { name: 'process', networks: null } as unknown as Engine, soon());
});
