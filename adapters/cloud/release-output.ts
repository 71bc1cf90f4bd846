import { basename, join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { releaseId } from '../../core/names/names.ts';
import { shownRelease } from '../../decisions/shown-release.ts';
import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import { tailOfFile } from '../logs/read-logs.ts';
import type { World } from '../pipeline/world.ts';
import { redactorOf } from '../secrets/release-values.ts';

/**
 * The last lines of what a deployment wrote: its container that serves, or each of them under its name, else that of its newest release, else what
 * the stage that failed left behind. `wanted` names another release.
 * @throws PloinkyError DEPLOYMENT_NOT_FOUND, RELEASE_NOT_FOUND
 */
export async function releaseOutput(
  world: World,
  deployment: string,
  tailLines: number,
  wanted?: number,
): Promise<string> {
  const { views } = world;
  const known = views.deployments.get(deployment);
  if (!known) throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${deployment}.`);
  const n = wanted ?? shownRelease(known);
  const release = views.releases.get(releaseId(deployment, n));
  if (!release) throw new PloinkyError('RELEASE_NOT_FOUND', `${deployment} has no release ${n}.`);
  const containers = [...views.containers.values()].filter((c) => c.deployment === deployment && c.release === n);
  const [only, ...others] = containers.sort((a, b) => a.replica - b.replica);
  if (!only) return ofRelease(world, release, tailLines);
  if (others.length === 0) return ofContainer(world, only, release, tailLines);
  const outputs = await Promise.all(containers.map((container) => ofContainer(world, container, release, tailLines)));
  return outputs.map((text, i) => underName(containers[i]?.name ?? '', text)).join('\n');
}

/** The last lines of what the install step of a release wrote, masked when it was written. @throws PloinkyError RELEASE_NOT_FOUND */
export async function installOutput(
  { views, paths }: Pick<World, 'views' | 'paths'>,
  deployment: string,
  n: number,
  tailLines: number,
): Promise<string> {
  const release = views.releases.get(releaseId(deployment, n));
  if (!release) throw new PloinkyError('RELEASE_NOT_FOUND', `${deployment} has no release ${n}.`);
  return tailOfFile(join(paths.logs, paths.release(deployment, n).installLog), tailLines);
}

async function ofContainer(world: World, { engine, name }: Container, release: Release, tailLines: number) {
  const runs = await world.engines.get(engine);
  const redact = await redactorOf(world.secrets, release);
  return redact(await runs.output(name, { tailLines, signal: AbortSignal.timeout(10_000) }));
}

/** As `tail` tells several files apart. */
function underName(name: string, text: string): string {
  return `==> ${name} <==\n${text === '' || text.endsWith('\n') ? text : `${text}\n`}`;
}

/** Without a container: the log of its install step, which holds no secrets, and why it failed. */
async function ofRelease({ paths }: World, release: Release, tailLines: number): Promise<string> {
  const { failure, deployment, n } = release;
  const file = failure?.log ?? paths.release(deployment, n).installLog;
  const text = await tailOfFile(join(paths.logs, basename(file)), tailLines);
  if (failure === null) return text;
  const { stage, problem } = failure;
  const failed = `Release ${n} failed at the stage ${stage}: `;
  if (text === '') return `${failed}${problem.message}\n`;
  // The message repeats the last lines, which stand above it here.
  return `${text}${text.endsWith('\n') ? '' : '\n'}${failed}${problem.code}\n`;
}
