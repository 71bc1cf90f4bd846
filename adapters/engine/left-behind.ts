import type { ContainerInfo } from 'dockerode';
import { helperLabel } from './volume-handover.ts';

/**
 * Ids of helpers that a crash, or an engine which did not answer, left behind: only one process makes those of a cloud, so
 * whatever it has not in hands is at work for nobody. While one is there it uses its volumes, and they cannot be removed.
 * @param atWork names of those that a handover has in hands
 */
export function leftHelpers(
  items: readonly Pick<ContainerInfo, 'Id' | 'Names' | 'Labels'>[],
  cloudId: string,
  atWork: ReadonlySet<string>,
): string[] {
  return items.flatMap(({ Id, Names, Labels }) => {
    if (Labels?.['ploinky.cloud'] !== cloudId || !(helperLabel in Labels)) return [];
    return Names.some((name) => atWork.has(name.replace(/^\//, ''))) ? [] : [Id];
  });
}
