import { signalOf } from '../../core/events/exit-signal.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { Container } from '../../projections/containers.ts';
import { redactorOf } from '../secrets/release-values.ts';
import { lastLines } from './install-release.ts';
import type { World } from './world.ts';

const outputMs = 5_000;

/**
 * Ends a container that is not well, so that it can be started anew: intent, SIGTERM with grace, SIGKILL, what it wrote last.
 * Called again after a crash it finds the intent in the log, and the container ended, running or gone.
 */
export async function endContainer(
  world: World,
  container: Container,
  reason: string,
  origin: Origin,
  signal: AbortSignal,
): Promise<void> {
  const { name } = container;
  const stream = `container:${name}`;
  if (container.status !== 'restartRequested') {
    const intent = await world.record([{ type: 'container.restartRequested', stream, data: { reason } }], origin);
    if (intent.length === 0) return;
  }
  const cause = world.views.containers.get(name)?.lastEvent ?? origin.cause;
  const engine = await world.engines.get(container.engine);
  const ended = await engine.stop(name, { graceMs: world.settings().stopGraceMs, signal });
  const redact = await redactorOf(
    world.secrets,
    world.views.releases.get(`${container.deployment}#${container.release}`),
  );
  const within = AbortSignal.timeout(outputMs);
  const output = lastLines(redact(await engine.output(name, { tailLines: 20, signal: within }).catch(() => '')));
  const exitCode = ended?.exitCode ?? null;
  const data = { exitCode, signal: signalOf(exitCode), oomKilled: false, output, reason: 'unhealthy' as const };
  await world.record([{ type: 'container.exited', stream, data }], { ...origin, cause });
}

/** Lets one run on that somebody paused by hand. @throws PloinkyError of the engine */
export async function resumeContainer(
  world: World,
  { name, engine: of }: Container,
  origin: Origin,
  signal: AbortSignal,
): Promise<void> {
  const engine = await world.engines.get(of);
  const runs = await engine.resume(name, signal);
  if (runs) await world.record([{ type: 'container.resumed', stream: `container:${name}`, data: {} }], origin);
  // It ended or vanished meanwhile: that is for the engine's listing to tell.
  else await world.look(of);
}
