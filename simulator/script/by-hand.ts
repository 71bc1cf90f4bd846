import { containerName } from '../../core/names/names.ts';
import { networkOf } from '../engine/shown.ts';
import type { Random } from '../ground/random.ts';
import { cloudId } from '../server/place.ts';
import type { Simulation } from '../simulation.ts';

/** What nobody should do by hand to what an engine has. */
export function meddle(simulation: Simulation, random: Random): void {
  const { ground, daemons } = simulation;
  const ours = daemons.flatMap((daemon) =>
    [...daemon.containers.values()].filter(({ foreign }) => !foreign).map((container) => ({ daemon, container })),
  );
  if (ours.length === 0) return;
  const { daemon, container } = random.of(ours);
  const how = random.of(['remove', 'kill', 'oom', 'stuck', 'pause', 'images', 'network', 'volume'] as const);
  ground.tell(`by hand: ${how} ${container.name}`);
  const ways: Record<typeof how, () => void> = {
    remove: () => daemon.remove(container),
    kill: () => daemon.end(container, 137),
    oom: () => daemon.end(container, 137, true),
    images: () => daemon.images.clear(),
    pause: () => daemon.pause(container),
    stuck: () => container.program?.getStuck(random.between(500, 40_000)),
    network: () => {
      const used = new Set([...daemon.containers.values()].map(networkOf));
      for (const name of [...daemon.networks.keys()]) if (!used.has(name)) daemon.networks.delete(name);
    },
    volume: () => {
      for (const name of [...daemon.volumes.keys()]) if (!daemon.usesVolume(name)) daemon.volumes.delete(name);
    },
  };
  ways[how]();
}

/** Somebody else's container, perhaps under a name that we are about to want. */
export function makeForeign(simulation: Simulation, random: Random, id: string): void {
  const daemon = random.of(simulation.daemons);
  const latest = simulation.cloud?.store.views.deployments.get(id)?.latest ?? 0;
  const name = random.chance(0.7) ? containerName(id, latest + 1, cloudId) : `somebody-${random.id(5)}`;
  if (daemon.find(name)) return;
  const labels = random.chance(0.3)
    ? { 'ploinky.cloud': 'another00000', 'ploinky.deployment': id, 'ploinky.release': '1', 'ploinky.spec': 'x' }
    : {};
  const container = daemon.create(name, { Image: 'somebody/image', Labels: labels }, 'sha256:somebody', true);
  daemon.start(container);
}
