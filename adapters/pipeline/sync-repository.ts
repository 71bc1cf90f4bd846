import { problemOf } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { repositoryRemoved } from '../../decisions/decide-repositories.ts';
import type { Repository } from '../../projections/repositories.ts';
import type { World } from './world.ts';

/** Fetches a remote and lists its agents. */
export async function syncRepository(world: World, name: string, signal: AbortSignal): Promise<PloinkyDraft[]> {
  const repository = world.views.repositories.get(name);
  if (!repository) return [];
  const { branch, commit, agents } = await world.git.sync(repository, signal);
  const data = { name, branch, commit, agents: agents.map((agent) => ({ ...agent })) };
  return [{ type: 'repository.synced', stream: `repository:${name}`, data }];
}

/** A repository that never worked and was added on trial goes again, so that nothing half-made stays. */
export function syncFailed(repository: Repository, error: unknown): PloinkyDraft[] {
  const { name, everSynced, check } = repository;
  const failed: PloinkyDraft = {
    type: 'repository.syncFailed',
    stream: `repository:${name}`,
    data: { name, problem: problemOf(error) },
  };
  return !everSynced && check === 'remove' ? [failed, repositoryRemoved(name, 'its first sync failed')] : [failed];
}
