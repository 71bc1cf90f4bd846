import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import { volumeName } from '../../core/names/names.ts';
import type { Release } from '../../projections/releases.ts';
import type { Engine } from '../engine/engine-port.ts';
import type { EnsuredVolume } from '../engine/volume-port.ts';
import { makeReady, type Needed } from './make-ready.ts';
import type { World } from './world.ts';

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
  await world.turns.run(streamOf(id), async () => {
    signal.throwIfAborted();
    // Somebody named it: what is in it goes before anything new may come into it.
    if (views.volumes.get(id)?.status === 'removeRequested') await record(await removed(world, id, signal), origin);
    await makeReady(world, needed(world, engine, { name, deployment, volume }, signal), origin);
  });
}

function needed(
  { views }: World,
  engine: Engine,
  wanted: { readonly name: string; readonly deployment: string; readonly volume: string },
  signal: AbortSignal,
): Needed<EnsuredVolume> {
  const id = `${engine.name}/${wanted.name}`;
  const stream = streamOf(id);
  return {
    engine: engine.name,
    known: () => views.volumes.get(id),
    find: () => engine.volumes.ensure(wanted, { create: false, signal }),
    make: () => engine.volumes.ensure(wanted, { create: true, signal }),
    isAsKnown: () => true,
    lost: (reason) => ({ type: 'volume.lost', stream, data: { reason } }),
    requested: () => ({ type: 'volume.createRequested', stream, data: { engine: engine.name, ...wanted } }),
    created: (_there, found) => ({ type: 'volume.created', stream, data: { found } }),
  };
}

/** The engine's part of a removal that somebody asked for; the intent is in the log. */
export function removeVolume(world: World, id: string, signal: AbortSignal): Promise<PloinkyDraft[]> {
  return world.turns.run(streamOf(id), () => removed(world, id, signal));
}

async function removed(world: World, id: string, signal: AbortSignal): Promise<PloinkyDraft[]> {
  signal.throwIfAborted();
  const known = world.views.volumes.get(id);
  if (known?.status !== 'removeRequested') return [];
  const engine = await world.engines.get(known.engine);
  await engine.volumes.remove(known.name, signal);
  return [{ type: 'volume.removed', stream: streamOf(id), data: {} }];
}

function streamOf(id: string): string {
  return `volume:${id}`;
}
