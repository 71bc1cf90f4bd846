import { PloinkyError } from '../errors/ploinky-error.ts';
import type { DeletedGap } from './gap.ts';

/** `place` names the folder or file. Every LOG_DAMAGED of stored events is made here. */
export const damage = {
  missing(place: string, from: number, to: number): PloinkyError {
    const range = from === to ? `Event ${from} is` : `The events ${from} to ${to} are`;
    return new PloinkyError('LOG_DAMAGED', `${range} missing from the log in ${place}.`, { details: { from, to } });
  },

  /** A commit group whose checksum or form is wrong. */
  unreadableGroup(place: string, key: string, first: number): PloinkyError {
    if (!Number.isSafeInteger(first)) return damage.unreadable(place, key);
    const message = `The record of the events from ${first} on was changed in the log in ${place}.`;
    return new PloinkyError('LOG_DAMAGED', message, { details: { from: first } });
  },

  unreadable(place: string, key: string): PloinkyError {
    return new PloinkyError('LOG_DAMAGED', `The record ${JSON.stringify(key)} was changed in the log in ${place}.`, {
      details: { key },
    });
  },

  /** A file of LevelDB whose checksums do not fit. Which events lie in it is not known without it. */
  table(file: string, problem: string): PloinkyError {
    return new PloinkyError('LOG_DAMAGED', `The file ${file} was changed: ${problem}.`, { details: { file } });
  },

  changed(place: string, seq: number): PloinkyError {
    const message = `Event ${seq} was changed in the log in ${place}: its hash does not fit its content.`;
    return new PloinkyError('LOG_DAMAGED', message, { details: { from: seq, to: seq } });
  },

  /** A file of sealed events that is gone or is not what was written. */
  segment(file: string, from: number, to: number, what: string): PloinkyError {
    const message = `The segment file ${file}, which holds task events from ${from} to ${to}, ${what}.`;
    return new PloinkyError('LOG_DAMAGED', message, { details: { file, from, to } });
  },

  /** What was left of a sealed range is not what `log.sealed` tells of. */
  seal(place: string, from: number, to: number): PloinkyError {
    const message = `The events ${from} to ${to} were changed in the log in ${place} after they were sealed.`;
    return new PloinkyError('LOG_DAMAGED', message, { details: { from, to } });
  },

  keyframe(place: string, from: number, to: number): PloinkyError {
    const message = `The state that was kept in place of the deleted task events ${from} to ${to} is gone from ${place}.`;
    return new PloinkyError('LOG_DAMAGED', message, { details: { from, to } });
  },

  /** No damage: somebody decided so. */
  deleted({ from, to, deletion }: Pick<DeletedGap, 'from' | 'to' | 'deletion'>, seq: number): PloinkyError {
    const message = `Event ${seq} was a task event, and was deleted at ${deletion.time}: ${deletion.reason}.`;
    return new PloinkyError('EVENTS_DELETED', message, { details: { from, to, deletion } });
  },

  /** Fewer events, or others, than were stored once. */
  lost(place: string, end: number, once: number): PloinkyError {
    const lost = `the events ${end + 1} to ${once} were stored once and are gone`;
    return new PloinkyError('LOG_DAMAGED', `The log in ${place} ends at event ${end}, but ${lost}.`, {
      details: { from: end + 1, to: once },
    });
  },

  replaced(place: string, seq: number): PloinkyError {
    const message = `Event ${seq} of the log in ${place} is not the one that was stored once.`;
    return new PloinkyError('LOG_DAMAGED', message, { details: { from: seq, to: seq } });
  },
};
