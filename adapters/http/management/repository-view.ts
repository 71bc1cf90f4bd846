import { Type } from 'typebox';
import type { Repository } from '../../../projections/repositories.ts';
import { Name, Nullable } from './schemas.ts';

export const Agent = Type.Object({ name: Type.String(), about: Type.String() });
export const RepositoryAnswer = Type.Object({
  name: Type.String(),
  url: Type.String(),
  branch: Nullable(Type.String()),
  enabled: Type.Boolean(),
  sync: Type.String({ description: 'wanted, synced or failed' }),
  commit: Nullable(Type.String()),
  syncedAt: Nullable(Type.String()),
  agents: Type.Array(Agent),
  webhook: Nullable(Type.String(), { description: 'name of the secret with which its host may tell of pushes' }),
  problem: Nullable(Type.Object({ code: Type.String(), message: Type.String(), hint: Nullable(Type.String()) })),
});

export const ByRepositoryName = Type.Object({ name: Name('of the repository') });

export function repositoryAnswer({
  name,
  url,
  branch,
  enabled,
  sync,
  commit,
  syncedAt,
  agents,
  webhook,
  problem,
}: Repository) {
  return { name, url, branch, enabled, sync, commit, syncedAt, agents, webhook, problem };
}
