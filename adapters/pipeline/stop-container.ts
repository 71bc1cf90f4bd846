import type { Origin } from '../../core/kernel/stamp.ts';
import type { Container } from '../../projections/containers.ts';
import { removeOwnFolders } from './own-folders.ts';
import type { World } from './world.ts';

/** Intent, drain, SIGTERM with grace, remove. */
export async function stopContainer(
  world: World,
  container: Container,
  reason: string,
  origin: Origin,
  signal: AbortSignal,
): Promise<void> {
  const { name } = container;
  const stream = `container:${name}`;
  if (container.status !== 'stopRequested' && container.status !== 'stopped') {
    await world.record([{ type: 'container.stopRequested', stream, data: { reason } }], origin);
  }
  const outcome = () => ({ ...origin, cause: world.views.containers.get(name)?.lastEvent ?? origin.cause });
  const graceMs = world.settings().stopGraceMs;
  await drained(world, name, graceMs, signal);
  const engine = await world.engines.get(container.engine);
  if (world.views.containers.get(name)?.status !== 'stopped') {
    const stopped = await engine.stop(name, { graceMs, signal });
    const data = { exitCode: stopped?.exitCode ?? null };
    await world.record([{ type: 'container.stopped', stream, data }], outcome());
  }
  await engine.remove(name, signal);
  // Those of the first one go with the release.
  if (container.replica > 1) {
    await removeOwnFolders(world.paths.release(container.deployment, container.release, container.replica));
  }
  await world.record([{ type: 'container.removed', stream, data: {} }], outcome());
}

/** Waits until no call and no request that was passed on is under way in the container, but not for ever. */
async function drained(world: World, container: string, graceMs: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + graceMs;
  const calls = () => [...world.views.tasks.values()].some((task) => task.container === container);
  const busy = () => (world.requests?.of(container) ?? 0) > 0 || calls();
  while (busy() && performance.now() < until && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
