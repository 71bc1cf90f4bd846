import { isTimeout } from '../../core/clock/is-timeout.ts';
import { isPloinkyError, PloinkyError, problemOf } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { EffectRunner } from '../../core/kernel/reactor.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import { sourceFound } from '../../decisions/decide-deployments.ts';
import type { PloinkyEffect } from '../../decisions/effects.ts';
import { failRelease, routeRelease } from '../../decisions/route-release.ts';
import { servesFiles } from '../../decisions/serves-files.ts';
import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import { callbackDeadlineMs, deliverCallback } from '../tasks/deliver-callback.ts';
import { checkFolder } from './check-folder.ts';
import { checkHealth, healthDeadlineMs } from './check-health.ts';
import { cleanRelease } from './clean-release.ts';
import { endContainer, resumeContainer } from './end-container.ts';
import { installRelease } from './install-release.ts';
import { removeNetwork } from './ready-network.ts';
import { removeVolume } from './ready-volumes.ts';
import { resolveImage } from './resolve-image.ts';
import { resolveSource } from './resolve-source.ts';
import { startContainer } from './start-container.ts';
import { stopContainer } from './stop-container.ts';
import { syncFailed, syncRepository } from './sync-repository.ts';
import { whatItWrote } from './what-it-wrote.ts';
import type { Outcome, World } from './world.ts';

/** Carries effects out, one kind a file, and turns what came of them into events. */
export function createEffectRunner(world: World): EffectRunner<PloinkyEffect> {
  return {
    deadlineMs: (effect) => deadlineOf(world, effect),
    async run(effect, signal) {
      const outcome = await perform(world, effect, signal);
      await world.record(outcome, originOf(effect), { together: isOfRelease(effect) });
    },
    async giveUp(effect, error) {
      const outcome = failure(world, effect, error);
      await world.record(outcome, originOf(effect), { together: isOfRelease(effect) });
    },
  };
}

/** What a release comes to is one story: it begins to serve and another retires, or it fails and with it a rollback. */
function isOfRelease(effect: PloinkyEffect): boolean {
  return 'release' in effect;
}

function originOf({ cause, trace, kind }: PloinkyEffect): Origin {
  return { actor: `system:${kind}`, cause, trace };
}

/** Outcomes to be stored; effects with an intent event of their own store theirs, caused by it. */
async function perform(world: World, effect: PloinkyEffect, signal: AbortSignal): Promise<Outcome> {
  switch (effect.kind) {
    case 'deliverCallback':
      return tellCallback(world, effect.taskId, signal);
    case 'syncRepository':
      return syncRepository(world, effect.repository, signal);
    case 'resolveSource':
      await world.removals.idle();
      return foundSource(await resolveSource(world, releaseOf(world, effect.release), signal));
    case 'resolveImage':
      await world.removals.idle();
      return resolveImage(world, releaseOf(world, effect.release), signal);
    case 'installRelease':
      await world.removals.idle();
      return installRelease(world, releaseOf(world, effect.release), originOf(effect), signal);
    case 'startContainer':
      await startContainer(world, releaseOf(world, effect.release), effect, originOf(effect), signal);
      return [];
    case 'checkHealth':
      return checkHealth(world, releaseOf(world, effect.release), containerOf(world, effect.container), signal);
    case 'resumeContainer':
      await resumeContainer(world, containerOf(world, effect.container), originOf(effect), signal);
      return [];
    case 'endContainer':
      await endContainer(world, containerOf(world, effect.container), effect.reason, originOf(effect), signal);
      return [];
    case 'routeRelease':
      return route(world, releaseOf(world, effect.release));
    case 'failRelease':
      return containerFailed(world, releaseOf(world, effect.release), effect);
    case 'stopContainer':
      await stopContainer(world, containerOf(world, effect.container), effect.reason, originOf(effect), signal);
      return [];
    case 'cleanRelease':
      return cleanRelease(world, releaseOf(world, effect.release));
    case 'removeNetwork':
      await removeNetwork(world, effect.network, effect.reason, originOf(effect), signal);
      return [];
    case 'removeVolume':
      return removeVolume(world, effect.volume, signal);
  }
}

/** What gives way to the release is decided when that is stored: another one may have come to serve meanwhile. */
function foundSource(drafts: readonly PloinkyDraft[]): Outcome {
  return (views) => drafts.flatMap((draft) => (isSource(draft) ? sourceFound(views, draft) : draft));
}

function isSource(draft: PloinkyDraft): draft is Extract<PloinkyDraft, { type: 'release.sourceResolved' }> {
  return draft.type === 'release.sourceResolved';
}

/** Files have no container that could be asked whether it is well: they are looked at before they serve. */
async function route(world: World, release: Release): Promise<Outcome> {
  if (servesFiles(release)) await checkFolder(world, release);
  return (views) => routeRelease(views, release);
}

/** What is recorded after the last attempt. Stopping has no failure: it is tried again, with longer pauses. */
function failure(world: World, effect: PloinkyEffect, error: unknown): Outcome {
  switch (effect.kind) {
    case 'syncRepository': {
      const repository = world.views.repositories.get(effect.repository);
      return repository ? syncFailed(repository, named(error, effect)) : [];
    }
    case 'resolveSource':
      return releaseFailed(effect.release, 'source', named(error, effect));
    case 'resolveImage':
      return releaseFailed(effect.release, 'image', named(error, effect));
    case 'installRelease':
      return releaseFailed(effect.release, 'install', named(error, effect));
    case 'routeRelease':
      return isPloinkyError(error) ? releaseFailed(effect.release, 'health', error) : [];
    case 'startContainer': {
      if (serves(world, effect.release) && isEngineAway(error)) return lookAgain(world, effect.container);
      const problem = problemOf(named(error, effect));
      return [{ type: 'container.startFailed', stream: `container:${effect.container}`, data: { problem } }];
    }
    case 'checkHealth': {
      // That it is well was stored, although its write had failed.
      if (world.views.containers.get(effect.container)?.status === 'healthy') return [];
      if (serves(world, effect.release) && isEngineAway(error)) return lookAgain(world, effect.container);
      const data = { problem: problemOf(named(error, effect)) };
      return [{ type: 'container.unhealthy', stream: `container:${effect.container}`, data }];
    }
    default:
      return [];
  }
}

function serves({ views }: World, release: string): boolean {
  return views.releases.get(release)?.status === 'serving';
}

/** Nothing is known of the container then, and nothing of it has failed. */
function isEngineAway(error: unknown): boolean {
  return isPloinkyError(error, 'ENGINE_UNAVAILABLE') || isPloinkyError(error, 'ENGINE_TIMEOUT') || isTimeout(error);
}

/** What the engine is doing is told once, by whoever watches it; then this is tried again. */
function lookAgain(world: World, container: string): [] {
  const engine = world.views.containers.get(container)?.engine;
  if (engine) void world.look(engine);
  return [];
}

function releaseFailed(release: string, stage: 'source' | 'image' | 'install' | 'health', error: unknown): Outcome {
  const details = isPloinkyError(error) ? (error.details as { log?: string; output?: string } | null) : null;
  const problem = problemOf(error);
  const said = details?.output ? ` Its last lines: ${details.output}` : '';
  return (views) =>
    failRelease(views, {
      type: 'release.failed',
      stream: `release:${release}`,
      data: { stage, problem: { ...problem, message: problem.message + said }, log: details?.log ?? null },
    });
}

/** The container's own story becomes the release's. */
function containerFailed(
  world: World,
  release: Release,
  { container: name, stage }: Extract<PloinkyEffect, { kind: 'failRelease' }>,
): Outcome {
  const container = containerOf(world, name);
  const problem = container.problem ?? problemOf(exitedEarly(container));
  const several = (world.views.deployments.get(release.deployment)?.replicas ?? 1) > 1;
  const message = several ? `Replica ${container.replica}: ${problem.message}` : problem.message;
  return (views) =>
    failRelease(views, {
      type: 'release.failed',
      stream: `release:${release.id}`,
      data: { stage, problem: { ...problem, message }, log: null },
    });
}

function exitedEarly({ exit }: Container): PloinkyError {
  const by = exit?.signal ? ` (${exit.signal})` : '';
  const code = `ended with exit code ${exit?.exitCode ?? 'unknown'}${by}`;
  const how = exit?.oomKilled ? 'was killed for lack of memory' : code;
  const wrote = whatItWrote(exit?.output ?? '', 20, 4096);
  return new PloinkyError('EXITED_EARLY', `The agent ${how} before it was healthy. ${wrote}`);
}

/** A deadline that passed is told in the words of the stage. */
function named(error: unknown, effect: PloinkyEffect): unknown {
  if (!isTimeout(error)) return error;
  const ofGit = effect.kind === 'syncRepository' || effect.kind === 'resolveSource';
  if (ofGit) return new PloinkyError('GIT_TIMEOUT', 'The Git remote did not answer in time.');
  if (effect.kind === 'installRelease') return new PloinkyError('INSTALL_FAILED', 'The install step took too long.');
  return new PloinkyError('ENGINE_TIMEOUT', `The engine did not finish ${effect.kind} in time.`);
}

const startMs = 60_000;

function deadlineOf(world: World, effect: PloinkyEffect): number {
  const settings = world.settings();
  switch (effect.kind) {
    case 'syncRepository':
      return settings['git.timeoutMs'] + 5_000;
    case 'resolveSource':
      // Several remotes may be asked, side by side, and then one of them again.
      return 2 * settings['git.timeoutMs'] + 5_000;
    case 'resolveImage':
      return settings.imagePullTimeoutMs;
    case 'installRelease':
      return settings.installTimeoutMs;
    case 'startContainer':
      // An image that somebody deleted is pulled again; each question to the engine has a limit of its own.
      return startMs + (serves(world, effect.release) ? settings.imagePullTimeoutMs : 0);
    case 'checkHealth':
      return healthDeadlineMs(world, world.views.releases.get(effect.release));
    case 'deliverCallback':
      return callbackDeadlineMs;
    case 'stopContainer':
      return settings.drainTimeoutMs + 2 * settings.stopGraceMs + 30_000;
    case 'endContainer':
      return 2 * settings.stopGraceMs + 30_000;
    default:
      return 60_000;
  }
}

async function tellCallback(world: World, taskId: string, signal: AbortSignal): Promise<PloinkyDraft[]> {
  const callback = world.views.callbacks.get(taskId);
  return callback ? deliverCallback(callback, await world.findTask(taskId), signal) : [];
}

function releaseOf(world: World, id: string): Release {
  const release = world.views.releases.get(id);
  if (!release) throw new Error(`there is no release ${id}`);
  return release;
}

function containerOf(world: World, name: string): Container {
  const container = world.views.containers.get(name);
  if (!container) throw new Error(`there is no container ${name}`);
  return container;
}
