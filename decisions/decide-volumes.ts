import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { listVolumes } from './list-volumes.ts';
import { refused } from './refuse.ts';

/** Only by name, and only when nothing has it: with it goes what is in it, which no rollback brings back. */
export function removeVolume(views: Views, { deployment, volume, reason }: CommandOf<'removeVolume'>): Decision {
  const found = listVolumes(views).filter((one) => one.deployment === deployment && one.volume === volume);
  if (found.length === 0) {
    return refused('VOLUME_NOT_FOUND', `${deployment} has no volume named ${volume}.`);
  }
  const used = found.find(({ usedBy }) => usedBy.length > 0);
  if (used) {
    return refused('VOLUME_IN_USE', `The volume ${volume} of ${deployment} is used by ${used.usedBy.join(', ')}.`);
  }
  const named = found.find(({ namedBy }) => namedBy.length > 0);
  if (named) {
    const releases = named.namedBy.map((n) => `release ${n}`).join(' and ');
    return refused('VOLUME_IN_USE', `The volume ${volume} of ${deployment} is named by ${releases}.`);
  }
  return accepted(
    ...found
      .filter(({ status }) => status !== 'removeRequested')
      .map(({ engine, name }) => ({
        type: 'volume.removeRequested' as const,
        stream: `volume:${engine}/${name}`,
        data: { reason: reason ?? 'somebody named it' },
      })),
  );
}
