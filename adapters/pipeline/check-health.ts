import { isTimeout } from '../../core/clock/is-timeout.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import { notHealthy, startTimeoutMs } from './not-healthy.ts';
import type { ProbeAnswer } from './probe.ts';
import { probeOf } from './probe-of.ts';
import type { World } from './world.ts';

/**
 * Between two probes of what says nothing: a small part of what it has taken so far, so that waiting adds little to a quick
 * start, and asking costs little in a slow one.
 */
const [probeFirstMs, probeEveryMs, probePart] = [3, 25, 16];
/** Between two probes of what says that it is not well yet; doubled up to the longest. */
const answeredEveryMs = 100;
const longestPauseMs = 1_000;
/** One probe, at first: Docker's proxy may keep a connection that nobody takes. Doubled up to what the manifest gives. */
const firstProbeMs = 1_000;
/** How often the engine is asked whether it still runs, in case its own notice was lost. */
const lookEveryMs = 1_000;

/** How long a container may take from its start until it is well, with what its manifest wants to be waited before the first check; ms. */
export function healthDeadlineMs(world: Pick<World, 'settings'>, release: Release | undefined): number {
  return startTimeoutMs(world, release) + (release?.source?.manifest.health.delayMs ?? 0);
}

/**
 * Probes until the container is well; its time is up when the effect's deadline aborts.
 * @throws PloinkyError NOT_HEALTHY with what its check found last, and its last lines; ENGINE_TIMEOUT when its engine would
 * not let it be asked
 */
export async function checkHealth(
  world: World,
  release: Release,
  container: Container,
  signal: AbortSignal,
): Promise<PloinkyDraft[]> {
  const begun = performance.now();
  const health = release.source?.manifest.health;
  const [delayMs, timeoutMs] = [health?.delayMs ?? 0, health?.timeoutMs ?? firstProbeMs];
  const probe = probeOf(world, release, container);
  const wanted = health?.successes ?? 1;
  let [successes, withinMs, pauseMs, looked] = [0, firstProbeMs, probeEveryMs, begun];
  let said: string | null = null;
  let unseen: string | null = null;
  // One that was taken over has been running all the time.
  if (container.healthySince === null) await pause(delayMs, signal);
  while (!signal.aborted) {
    const answer: ProbeAnswer = await probe(signal, Math.min(withinMs, timeoutMs));
    successes = answer.kind === 'well' ? successes + 1 : 0;
    if (answer.kind === 'well' && successes >= wanted) {
      const afterMs = Math.round(performance.now() - begun);
      const data = { ...answer.health, afterMs };
      return [{ type: 'container.healthy', stream: `container:${container.name}`, data }];
    }
    if (answer.kind === 'unwell') said = answer.said;
    unseen = answer.kind === 'unseen' ? answer.problem : null;
    if (performance.now() - looked > lookEveryMs) {
      // Not waited for: an engine that hangs must not keep a container from being asked.
      void world.look(container.engine);
      looked = performance.now();
    }
    const silent = answer.kind === 'unwell' && !answer.answered;
    if (silent) withinMs *= 2;
    pauseMs = silent
      ? silentPauseMs(performance.now() - begun)
      : Math.min(Math.max(pauseMs * 2, answeredEveryMs), longestPauseMs);
    await pause(answer.kind === 'well' ? (health?.intervalMs ?? probeEveryMs) : pauseMs, signal);
  }
  if (isTimeout(signal.reason) && unseen !== null) throw new PloinkyError('ENGINE_TIMEOUT', unseen);
  if (isTimeout(signal.reason)) throw await notHealthy(world, release, container, said);
  throw signal.reason;
}

function silentPauseMs(sinceMs: number): number {
  return Math.min(Math.max(probeFirstMs, sinceMs / probePart), probeEveryMs);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) return resolve();
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
