import type { Repository } from '../../../projections/repositories.ts';
import type { Views } from '../../../projections/views.ts';

/** By name, by address, or by the address in base64 of either alphabet. */
export function findRepository(views: Pick<Views, 'repositories'>, wanted: string): Repository | undefined {
  const direct = views.repositories.get(wanted);
  if (direct) return direct;
  const decoded = Buffer.from(wanted, 'base64').toString('utf8');
  return [...views.repositories.values()].find(({ url }) => url === wanted || url === decoded);
}
