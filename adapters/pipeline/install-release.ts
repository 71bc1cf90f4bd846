import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import { containerName } from '../../core/names/names.ts';
import { needsImage } from '../../decisions/serves-files.ts';
import type { Release } from '../../projections/releases.ts';
import type { ContainerSpec } from '../engine/engine-port.ts';
import { redactedError } from '../secrets/redact.ts';
import { redactorOf, secretValues } from '../secrets/release-values.ts';
import { installSpec } from './container-spec.ts';
import { type CacheUse, cachedInstall } from './install/cached-install.ts';
import { InstallOutput } from './install/install-output.ts';
import { makeOwnFolders, removeOwnFolders } from './own-folders.ts';
import { readyAhead } from './ready-ahead.ts';
import { readyNetwork } from './ready-network.ts';
import { readyVolumes } from './ready-volumes.ts';
import { repositoryOf } from './resolve-pinned.ts';
import { sideBySide } from './side-by-side.ts';
import { usualLimits } from './usual-limits.ts';
import type { World } from './world.ts';

/** Puts the release's files in place and runs its install step. After a crash it begins anew, from a fresh checkout. */
export async function installRelease(
  world: World,
  release: Release,
  origin: Origin,
  signal: AbortSignal,
): Promise<PloinkyDraft[]> {
  const { source, deployment, n } = release;
  if (!source) throw new Error(`${release.id} has no source yet`);
  const begun = performance.now();
  const ahead = needsImage(release) ? readyAhead(world, release, origin, signal) : Promise.resolve();
  await sideBySide(prepareFolders(world, release, signal), ahead);
  const text = source.manifest.install;
  const cache = text === null ? null : await install(world, release, text, origin, signal);
  const log = text === null ? null : world.paths.release(deployment, n).installLog;
  const durationMs = Math.round(performance.now() - begun);
  return [{ type: 'release.installed', stream: `release:${release.id}`, data: { durationMs, log, cache } }];
}

async function prepareFolders(world: World, release: Release, signal: AbortSignal): Promise<void> {
  const { source, deployment, n, config } = release;
  const repository = repositoryOf(world.views, release);
  if (!source || !repository) {
    throw new PloinkyError('REPOSITORY_NOT_FOUND', `The repository of ${release.id} was removed meanwhile.`);
  }
  const { root, code, ...own } = world.paths.release(deployment, n);
  await mkdir(root, { recursive: true });
  // Where a folder further up is an ES module package, a plain index.js must not become one by inheritance. Each
  // release has a file of its own: one that they shared would be read half-written by the agents that run.
  await writeFile(join(root, 'package.json'), '{}\n');
  const files = { repository, commit: source.commit, agent: config.agent, target: code };
  await sideBySide(
    world.git.checkout(files, signal),
    needsImage(release) ? removeOwnFolders(own).then(() => makeOwnFolders(own)) : Promise.resolve(),
  );
  if (!needsImage(release)) return;
  // Mount points inside the checkout, so that no engine has to make them as another user.
  await mkdir(join(code, '.ploinky', 'queue'), { recursive: true });
}

async function install(
  world: World,
  release: Release,
  text: string,
  origin: Origin,
  signal: AbortSignal,
): Promise<CacheUse> {
  const { paths, cloudId } = world;
  const { code, installLog } = paths.release(release.deployment, release.n);
  const name = containerName(release.deployment, release.n, cloudId);
  const spec = installSpec({ release, name, replica: 1, cloudId, paths }, text);
  await mkdir(paths.logs, { recursive: true });
  const log = await open(join(paths.logs, installLog), 'w', 0o600);
  try {
    const prepare = () => prepareFolders(world, release, signal);
    const run = () => runInstall(world, release, spec, log, origin, signal);
    const say = async (line: string) => {
      world.progress.say(release.id, 'install', [line]);
      await log.appendFile(`${line}\n`);
    };
    return await cachedInstall(world, { release, text, spec, code, prepare, run, say }, signal);
  } finally {
    await log.close();
  }
}

async function runInstall(
  world: World,
  release: Release,
  spec: ContainerSpec,
  log: FileHandle,
  origin: Origin,
  signal: AbortSignal,
): Promise<void> {
  const engine = await world.engines.get(release.engine);
  await readyNetwork(world, engine, release.deployment, origin, signal);
  await readyVolumes(world, engine, release, origin, signal);
  const secrets = await secretValues(world.secrets, release);
  const redact = await redactorOf(world.secrets, release);
  const usual = usualLimits(world.settings(), totalmem());
  const output = new InstallOutput(log, redact, (lines) => world.progress.say(release.id, 'install', lines));
  try {
    const onOutput = (text: string) => output.push(text);
    const { exitCode } = await engine.runOnce({ ...spec, secrets, usual }, { signal, onOutput });
    await output.end();
    if (exitCode === 0) return;
    const { installLog } = world.paths.release(release.deployment, release.n);
    throw new PloinkyError(
      'INSTALL_FAILED',
      `The install step of ${release.config.agent} ended with exit code ${exitCode ?? 'unknown'}.`,
      { details: { exitCode, output: lastLines(output.tail()), log: installLog } },
    );
  } catch (error) {
    // What it said before it was cut off is worth reading too.
    await output.end().catch(() => {});
    throw redactedError(error, redact);
  }
}

/** What fits into an event and an answer. */
export function lastLines(output: string, most = 20, bytes = 4096): string {
  const lines = output.trimEnd().split('\n');
  return lines
    .filter((line) => !ofAgentCore.test(line))
    .slice(-most)
    .join('\n')
    .slice(-bytes);
}

/** That AgentCore began says nothing of why a program ended; the log of the container has it. */
const ofAgentCore = /^AgentCore serves .*, boot \S+\s*$/;
