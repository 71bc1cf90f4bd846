import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { Release } from '../../projections/releases.ts';
import type { ContainerSpec, Engine, StartedContainer } from '../engine/engine-port.ts';
import { redactedError } from '../secrets/redact.ts';
import { redactorOf, secretValues } from '../secrets/release-values.ts';
import { containerSpec } from './container-spec.ts';
import { dropStaleSocket } from './drop-stale-socket.ts';
import { networkOf } from './network-of.ts';
import { makeOwnFolders } from './own-folders.ts';
import { webSocketFile } from './paths.ts';
import { readyNetwork } from './ready-network.ts';
import { readyVolumes } from './ready-volumes.ts';
import { lacksImage, restoreImage } from './restore-image.ts';
import { usualLimits } from './usual-limits.ts';
import type { World } from './world.ts';

/**
 * Intent, then the engine, then what it said. Called again after a crash it finds the intent in the log and the
 * container, perhaps, in the engine; names are deterministic and engines adopt, so nothing starts twice.
 */
export async function startContainer(
  world: World,
  release: Release,
  wanted: { container: string; replica: number; attempt: number },
  origin: Origin,
  signal: AbortSignal,
): Promise<void> {
  const { container: name, replica, attempt } = wanted;
  const engine = await world.engines.get(release.engine);
  const spec = containerSpec({ release, name, replica, cloudId: world.cloudId, paths: world.paths });
  const stream = `container:${name}`;
  const { deployment, n } = release;
  if (world.views.containers.get(name)?.status !== 'startRequested') {
    const data = { name, deployment, release: n, replica, engine: engine.name, specHash: spec.specHash, attempt };
    // The engine takes the ended one away, and its words with it.
    if (attempt > 1) await world.containerLogs?.caughtUp(name, signal);
    const intent = await world.record([{ type: 'container.startRequested', stream, data }], origin);
    if (intent.length === 0) return;
  }
  const outcome = () => ({ ...origin, cause: world.views.containers.get(name)?.lastEvent ?? origin.cause });
  if (networkOf(release, world.cloudId) !== 'none') await readyNetwork(world, engine, deployment, outcome(), signal);
  await readyVolumes(world, engine, release, outcome(), signal);
  // The install step made those of the first one.
  if (replica > 1) await makeOwnFolders(world.paths.release(deployment, n, replica));
  if (release.source?.manifest.web)
    await dropStaleSocket(join(world.paths.release(deployment, n, replica).run, webSocketFile));
  const { engineId, adopted } = await startAlsoWithoutImage(world, release, engine, { name, replica }, signal);
  await world.record([started(name, engineId, adopted, attempt)], outcome());
}

/** Somebody may have deleted the image of a release that serves. */
async function startAlsoWithoutImage(
  world: World,
  release: Release,
  engine: Engine,
  { name, replica }: { readonly name: string; readonly replica: number },
  signal: AbortSignal,
): Promise<StartedContainer> {
  const parts = { name, replica, cloudId: world.cloudId, paths: world.paths };
  try {
    return await startWithSecrets(world, release, engine, containerSpec({ ...parts, release }), signal);
  } catch (error) {
    if (release.status !== 'serving' || !lacksImage(error)) throw error;
    const image = await restoreImage(world, engine, release, signal);
    const spec = containerSpec({ ...parts, release: { ...release, image } });
    return startWithSecrets(world, release, engine, spec, signal);
  }
}

/** Values are read as late as this and held no longer; what the engine says of a failure may repeat them. */
async function startWithSecrets(
  { secrets: store, settings }: World,
  release: Release,
  engine: Engine,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<StartedContainer> {
  const secrets = await secretValues(store, release);
  try {
    return await engine.start({ ...spec, secrets, usual: usualLimits(settings(), totalmem()) }, signal);
  } catch (error) {
    throw redactedError(error, await redactorOf(store, release));
  }
}

function started(name: string, engineId: string, adopted: boolean, attempt: number): PloinkyDraft {
  const stream = `container:${name}`;
  if (adopted) return { type: 'container.adopted', stream, data: { engineId } };
  if (attempt > 1) return { type: 'container.restarted', stream, data: { engineId, attempt } };
  return { type: 'container.started', stream, data: { engineId } };
}
