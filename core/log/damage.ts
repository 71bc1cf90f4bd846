import { PloinkyError } from '../errors/ploinky-error.ts';

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
