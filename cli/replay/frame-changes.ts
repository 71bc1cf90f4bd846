import { shownEntity } from '../../history/dump.ts';
import { changesBetween } from '../../history/json-changes.ts';
import type { Frame } from '../../history/tape.ts';
import { shortJson } from '../history/change-lines.ts';

/** Entities that an event changed, each with a text for every place: `status "requested" → "active"`. */
export function frameChanges(frame: Frame) {
  return frame.touched.flatMap(({ projection, key, before, after }) => {
    if (before === after) return [];
    const changes = changesBetween(shownEntity(projection, before), shownEntity(projection, after));
    const texts = changes
      // Marks of the log, which follow from the event itself.
      .filter(({ path }) => path !== 'lastEvent' && path !== 'changedAt' && path !== 'updatedAt')
      .map((change) => {
        const left = 'before' in change ? shortJson(change.before, 40) : 'nothing';
        const right = 'after' in change ? shortJson(change.after, 60) : 'gone';
        return `${change.path === '' ? '' : `${change.path} `}${left} → ${right}`;
      });
    return [{ projection, key, changes: texts, after: shownEntity(projection, after) ?? null }];
  });
}
