import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import { redactorOf } from '../secrets/release-values.ts';
import { whatItWrote } from './what-it-wrote.ts';
import type { World } from './world.ts';

const lines = 20;

/** How long a container may take until it is well, ms. */
export function startTimeoutMs({ settings }: Pick<World, 'settings'>, release: Release | undefined): number {
  return release?.source?.manifest.health.startTimeoutMs ?? settings().agentStartTimeoutMs;
}

/**
 * The error of a container that was never well, with its last words.
 * @param said what its check found last, where that says more than that nobody answered
 */
export async function notHealthy(
  world: World,
  release: Release | undefined,
  container: Container,
  said: string | null,
): Promise<PloinkyError> {
  const wrote = whatItWrote(await lastOutput(world, release, container));
  const { web, health } = release?.source?.manifest ?? {};
  const byDefault = health?.check.kind === 'agent' || (health?.check.kind === 'http' && health.check.path === null);
  const checked = said === null || byDefault ? '' : ` ${said}.`;
  const silent = web ? 'did not answer HTTP' : 'did not answer';
  const how = `${web ? 'The web service' : 'The agent'} ${checked === '' ? silent : 'was not well'}`;
  const message = `${how} within ${startTimeoutMs(world, release)} ms.${checked} ${wrote}`;
  return new PloinkyError('NOT_HEALTHY', message, { hint: hintFor(release, container, checked !== '') });
}

/** @param answered it does what it should but for what the manifest asks of it */
function hintFor(
  release: Release | undefined,
  { engine, deployment, release: n }: Container,
  answered: boolean,
): string {
  const { web, health } = release?.source?.manifest ?? {};
  const own = health?.startTimeoutMs != null;
  const more = own ? 'raise `health.startTimeout` of its manifest' : 'raise the setting agentStartTimeoutMs';
  const all = `All that it wrote: \`p-cli cloud logs ${deployment} --release ${n}\`.`;
  if (answered)
    return `Correct it, or what \`health\` of its manifest asks for; when it only starts slowly, ${more}. ${all}`;
  if (!web) return `Correct it; when it only starts slowly, ${more}. ${all}`;
  const where = engine === 'process' ? 'on 127.0.0.1' : 'on all addresses of its container';
  const port =
    engine === 'process' ? 'in the variable PORT' : `${web.port}, \`port\` of its manifest and the variable PORT`;
  return `Let it listen on the port ${port}, ${where}, or on the socket in PLOINKY_SOCKET; when it only starts slowly, ${more}. ${all}`;
}

/**
 * What the engine says it wrote, in the order of the stored log where all of it is stored: an engine may keep what went to
 * stderr apart, and does not know then what came first.
 */
async function lastOutput(world: World, release: Release | undefined, { name, engine }: Container): Promise<string> {
  const runs = await world.engines.get(engine);
  const redact = await redactorOf(world.secrets, release);
  const signal = AbortSignal.timeout(5_000);
  const output = redact(await runs.output(name, { tailLines: lines, signal }).catch(() => ''));
  const stored = (await world.containerLogs?.lastLines(name, lines).catch(() => [])) ?? [];
  const known = new Set(stored);
  const behind = output
    .trimEnd()
    .split('\n')
    .some((line) => !known.has(line));
  return behind ? output : stored.join('\n');
}
