import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import { volumeName } from '../../core/names/names.ts';
import type { Release } from '../../projections/releases.ts';
import type { Engine } from '../engine/engine-port.ts';
import { OneAtATime } from '../engine/one-at-a-time.ts';
import type { World } from './world.ts';

const turns = new OneAtATime();

/**
 * Sees to it that the volumes of a release are there: intent, then the engine, then what it said. Those that are there
 * cost a question each.
 * @throws PloinkyError NAME_TAKEN, VOLUME_IN_USE while one is being removed, and what every call to an engine throws
 */
export async function readyVolumes(
  world: World,
  engine: Engine,
  release: Release,
  origin: Origin,
  signal: AbortSignal,
): Promise<void> {
  const names = new Set((release.source?.manifest.volumes ?? []).map(({ name }) => name));
  await Promise.all([...names].map((volume) => readyVolume(world, engine, release.deployment, volume, origin, signal)));
}

async function readyVolume(
  world: World,
  engine: Engine,
  deployment: string,
  volume: string,
  origin: Origin,
  signal: AbortSignal,
): Promise<void> {
  const { record, views } = world;
  const name = volumeName(deployment, volume, world.cloudId);
  const id = `${engine.name}/${name}`;
  const stream = `volume:${id}`;
  const wanted = { name, deployment, volume };
  await turns.run(`${world.cloudId}:${id}`, async () => {
    signal.throwIfAborted();
    // Somebody named it: what is in it goes before anything new may come into it.
    if (views.volumes.get(id)?.status === 'removeRequested') await record(await removed(world, id, signal), origin);
    const there = await engine.volumes.ensure(wanted, { create: false, signal });
    if (views.volumes.get(id)?.status === 'created') {
      if (there) return;
      const reason = `${engine.name} does not know it any more`;
      await record([{ type: 'volume.lost', stream, data: { reason } }], origin);
    }
    if (views.volumes.get(id)?.status !== 'createRequested') {
      const data = { name, engine: engine.name, deployment, volume };
      await record([{ type: 'volume.createRequested', stream, data }], origin);
    }
    if (!there) await engine.volumes.ensure(wanted, { create: true, signal });
    const cause = views.volumes.get(id)?.lastEvent ?? origin.cause;
    await record([{ type: 'volume.created', stream, data: { found: there !== null } }], { ...origin, cause });
  });
}

/** The engine's part of a removal that somebody asked for; the intent is in the log. */
export function removeVolume(world: World, id: string, signal: AbortSignal): Promise<PloinkyDraft[]> {
  return turns.run(`${world.cloudId}:${id}`, () => removed(world, id, signal));
}

async function removed(world: World, id: string, signal: AbortSignal): Promise<PloinkyDraft[]> {
  signal.throwIfAborted();
  const known = world.views.volumes.get(id);
  if (known?.status !== 'removeRequested') return [];
  const engine = await world.engines.get(known.engine);
  await engine.volumes.remove(known.name, signal);
  return [{ type: 'volume.removed', stream: `volume:${id}`, data: {} }];
}
