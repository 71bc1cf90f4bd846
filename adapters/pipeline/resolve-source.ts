import { errorFromProblem, isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { similarNames } from '../../core/names/near-names.ts';
import { environmentOf, freezeSecrets } from '../../decisions/release-secrets.ts';
import type { Release } from '../../projections/releases.ts';
import type { Repository } from '../../projections/repositories.ts';
import type { ResolvedSource } from '../git/git-types.ts';
import { resolvePinnedSource } from './resolve-pinned.ts';
import type { World } from './world.ts';

/** Which repository, which commit, which manifest; where all of that was decided before, as it was then. */
export async function resolveSource(world: World, release: Release, signal: AbortSignal): Promise<PloinkyDraft[]> {
  if (release.pinned) return resolvePinnedSource(world, release, release.pinned, signal);
  const { config } = release;
  const named = release.push?.repository ?? config.repository;
  const { repository, source } = named
    ? await inNamed(world, release, named, signal)
    : await inAny(world, release, signal);
  const environment = environmentOf({ source: { ...source, repository: repository.name, secrets: {} }, config });
  const secrets = freezeSecrets(world.views, environment, `Release ${release.n} of ${release.deployment}`);
  if (secrets.kind === 'refused') throw errorFromProblem(secrets.problem);
  return [
    {
      type: 'release.sourceResolved',
      stream: `release:${release.id}`,
      data: { repository: repository.name, ...source, secrets: secrets.versions },
    },
  ];
}

interface Found {
  readonly repository: Repository;
  readonly source: ResolvedSource;
}

async function inNamed(world: World, release: Release, name: string, signal: AbortSignal): Promise<Found> {
  const repository = world.views.repositories.get(name);
  if (!repository) throw new PloinkyError('REPOSITORY_NOT_FOUND', `There is no repository named ${name}.`);
  return { repository, source: await resolve(world, release, repository, signal) };
}

/**
 * The agent is looked for by the last sync's list. A list may be old, so before giving up every enabled repository
 * is asked once more; one that cannot be reached then does not hide an agent of another.
 */
async function inAny(world: World, release: Release, signal: AbortSignal): Promise<Found> {
  const { agent } = release.config;
  const enabled = [...world.views.repositories.values()].filter((repository) => repository.enabled);
  let holders = enabled.filter((r) => r.agents.some(({ name }) => name === agent));
  if (holders.length === 0) {
    const asked = await Promise.all(enabled.map((r) => holds(world, r, agent, signal)));
    holders = enabled.filter((_, index) => asked[index]);
  }
  const [repository] = holders;
  if (!repository) {
    const names = enabled.map((r) => r.name).join(', ') || 'none';
    throw new PloinkyError(
      'AGENT_NOT_FOUND',
      `No enabled repository has an agent named ${agent} (looked in: ${names}).`,
      nearAgents(agent, enabled),
    );
  }
  if (holders.length > 1) {
    const names = holders.map((r) => r.name).join(', ');
    throw new PloinkyError('AGENT_AMBIGUOUS', `Several repositories have an agent named ${agent}: ${names}.`, {
      hint: `Say which, for example with --repository ${repository.name}.`,
    });
  }
  return { repository, source: await resolve(world, release, repository, signal) };
}

/** Nothing where no name is written nearly so: the next step of the error counts then. */
function nearAgents(agent: string, enabled: readonly Repository[]): { readonly hint?: string } {
  const known = enabled.flatMap(({ agents }) => agents.map(({ name }) => name));
  const near = similarNames(agent, known, 3);
  if (near.length === 0) return {};
  return { hint: `Did you mean ${near.join(' or ')}? All of them: \`p-cli cloud agent list\`.` };
}

async function holds(world: World, repository: Repository, agent: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { agents } = await world.git.sync(repository, signal);
    return agents.some(({ name }) => name === agent);
  } catch (error) {
    if (signal.aborted || !isPloinkyError(error)) throw error;
    world.logger.warn({ repository: repository.name, code: error.code }, error.message);
    return false;
  }
}

function resolve(world: World, release: Release, repository: Repository, signal: AbortSignal): Promise<ResolvedSource> {
  const { agent, tag } = release.config;
  // The commit of the push, so that what is told of it is what runs, whatever the branch does meanwhile.
  const { branch, commit } = release.push ?? release.config;
  const { deployment, n } = release;
  // As it was asked for: a newer one beside it may have come with another wish.
  const follows =
    world.views.deployments.get(deployment)?.underWay.find(({ release: one }) => one === n)?.watch ?? false;
  return world.git.resolve({ repository, agent, branch, tag, commit, follows, deployment, release: n }, signal);
}
