import type { ContainerInfo } from 'dockerode';
import { helperLabel } from './volume-handover.ts';

/** No handover takes so long: whoever made an older helper has ended. */
const longestMs = 10 * 60_000;

/** Ids of helpers that a crash, or an engine which did not answer, left behind. @param now milliseconds since 1970 */
export function leftHelpers(
  items: readonly Pick<ContainerInfo, 'Id' | 'Labels' | 'Created'>[],
  cloudId: string,
  now: number,
): string[] {
  return items.flatMap(({ Id, Labels, Created }) => {
    const ofOurs = Labels?.['ploinky.cloud'] === cloudId && helperLabel in Labels;
    return ofOurs && now - Created * 1_000 > longestMs ? [Id] : [];
  });
}
