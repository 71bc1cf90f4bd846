import { withDeadline } from '../../core/clock/deadline.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { Container } from '../../projections/containers.ts';
import { removeOwnFolders } from './own-folders.ts';
import type { World } from './world.ts';

/**
 * Intent, drain, SIGTERM with grace, remove. From the intent on nothing new is sent to the container, also not by a worker:
 * `record` resolves when all of them know.
 */
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
  // An engine may have refused to stop it before: it is not told, nor waited for, a second time.
  if (container.status !== 'stopped' && !world.views.containers.get(name)?.drained) {
    const drained = await drain(world, container, signal);
    await world.record([{ type: 'container.drained', stream, data: drained }], outcome());
  }
  const engine = await world.engines.get(container.engine);
  if (world.views.containers.get(name)?.status !== 'stopped') {
    const stopped = await engine.stop(name, { graceMs, signal });
    const data = { exitCode: stopped?.exitCode ?? null };
    await world.record([{ type: 'container.stopped', stream, data }], outcome());
  }
  await world.containerLogs?.caughtUp(name, signal);
  await engine.remove(name, signal);
  // Those of the first one go with the release.
  if (container.replica > 1) {
    await removeOwnFolders(world.paths.release(container.deployment, container.release, container.replica));
  }
  await world.record([{ type: 'container.removed', stream, data: {} }], outcome());
}

/** Waits until the container is busy with nothing, but not for ever: a WebSocket may be meant to. */
async function drain(
  world: World,
  { name, deployment }: Container,
  signal: AbortSignal,
): Promise<{ afterMs: number; whole: boolean }> {
  const begun = performance.now();
  const over = (whole: boolean) => ({ afterMs: Math.round(performance.now() - begun), whole });
  const { drainTimeoutMs, stopGraceMs } = world.settings();
  // Whoever removes a deployment wants it gone; its program still has the grace after SIGTERM.
  const removed = world.views.deployments.get(deployment)?.status === 'removed';
  const ms = removed ? Math.min(drainTimeoutMs, stopGraceMs) : drainTimeoutMs;
  try {
    await withDeadline(signal, ms, (limit) => world.requests.idle(name, limit));
    return over(true);
  } catch (error) {
    if (signal.aborted || !(error instanceof DOMException)) throw error;
    return over(false);
  }
}
